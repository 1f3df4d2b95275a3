/**
 * Derives the expected result of a cell from the backend's contract and from the context in which the port maps.
 *
 * There is no list of exceptions: a backend that changes its contract changes what is expected of it.
 */
import type { Contract, MemoryKind } from 'scatterlist';
import type { MachineConfig, RuleId } from 'scatterlist/machine';
import type { Workload } from './workloads.ts';

/** The expected result by the contract, and a sentence that explains it. */
export type Expectation =
  | { readonly result: 'verified'; readonly because: string }
  | { readonly result: 'refused'; readonly code: 'Unmappable'; readonly because: string }
  | { readonly result: 'violation'; readonly rules: readonly RuleId[]; readonly because: string };

const SLEEP_RULES: readonly RuleId[] = ['sleep-in-atomic', 'kmap-in-atomic'];

/** Without CONFIG_HIGHMEM, highmem pages have permanent addresses like all others. */
function effectiveKind(memory: MemoryKind, config: MachineConfig): MemoryKind {
  return memory === 'highmem' && !config.highmem ? 'lowmem' : memory;
}

/** Derives the expectation of one cell. */
export function expectationOf(contract: Contract, workload: Workload, config: MachineConfig): Expectation {
  const { context, underLock, sleepsWhileMapped } = workload.needs;
  const kind = effectiveKind(workload.memory, config);
  if (contract.errors[kind].includes('Unmappable')) {
    return {
      result: 'refused',
      code: 'Unmappable',
      because: `the contract says that it cannot reach ${kind} pages`,
    };
  }
  if (!contract.contexts.includes(context)) {
    return {
      result: 'violation',
      rules: SLEEP_RULES,
      because: `the port maps in ${context} context, the contract maps in ${contract.contexts.join(', ')} only`,
    };
  }
  if (underLock && contract.contexts.every((allowed) => allowed === 'task')) {
    return {
      result: 'violation',
      rules: SLEEP_RULES,
      because: 'the port maps under a spinlock, the contract needs a task that may sleep',
    };
  }
  const disables = config.preemptRt ? contract.disablesRt : contract.disables;
  if (sleepsWhileMapped !== undefined && disables.includes('preemption')) {
    return {
      result: 'violation',
      rules: SLEEP_RULES,
      because: `the port calls ${sleepsWhileMapped} while a page is mapped, and the contract's map disables preemption`,
    };
  }
  return { result: 'verified', because: 'the contract covers this memory and this context' };
}
