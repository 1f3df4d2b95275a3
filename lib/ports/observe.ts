/**
 * Runs a port where every mapping is allowed, and observes what it does with them.
 *
 * The machine has no HIGHMEM, so that every page has a permanent address, which is valid everywhere and for any time. A
 * mapping there never fails, never waits and forbids nothing. What the port does then is what it needs.
 */
import { ioAccess, pageAddress, pgmap, vmap } from '../../backends/index.ts';
import type { ScatterlistError } from '../base/errors.ts';
import { createMachine } from '../kernel/core/create-machine.ts';
import type { Context } from '../kernel/core/machine.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { RuleId } from '../machine/rules.ts';
import { ViolationError } from '../machine/violation.ts';
import type { Violation } from '../machine/violation.ts';
import { defineBackend } from '../mapping/backend.ts';
import type { MapBackend } from '../mapping/backend.ts';
import type { Contract } from '../mapping/contract.ts';
import type { Column } from './column.ts';
import { machineFor } from './machine-for.ts';
import type { Needs } from './needs.ts';
import type { LoadedPort, Moved } from './port.ts';
import { failureOf } from './port.ts';
import { runProgram } from './run-program.ts';
import { SiteWatch } from './site-watch.ts';

/** Promises everything except a view of many pages, which a port that wants one must ask for by `vmap`. */
const OBSERVED: Contract = {
  name: 'observed',
  mirrors: 'no function of Linux',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'global',
  nesting: { order: 'any', limitedBy: 'nothing', beyond: 'none' },
  contiguous: false,
  direct: false,
  disables: [],
  disablesRt: [],
  errors: {
    lowmem: [],
    highmem: [],
    iomem: [],
    protected: [],
    unmappable: [],
  },
};

/** What was observed. */
export interface Observed {
  /** The needs of each mapping site, up to the end of the run. */
  readonly needs: readonly Needs[];
  /** How many bytes were right, if the port came to its end. */
  readonly moved?: Moved;
  /** The error with which the port ended, if it did. */
  readonly error?: ScatterlistError;
  /** The rule that the port breaks although every mapping is allowed, if it breaks one. */
  readonly violation?: Violation;
}

/** Runs one variant on one kind of memory and observes it. */
export function observe(
  port: LoadedPort,
  variant: string,
  memory: MemoryKind,
  options: MachineOptions = {},
): Observed {
  const asItIs = observeOn(port, variant, memory, options, memory);
  // Only RAM has permanent addresses. What a port does with its mappings does not depend on the kind of the pages, as a rule.
  const rule = asItIs.violation?.rule;
  const isLimited = isSpecial(memory) && rule !== undefined && LIMITS_OF_OTHERS.has(rule);
  return isLimited ? observeOn(port, variant, memory, options, 'highmem') : asItIs;
}

function isSpecial(memory: MemoryKind): boolean {
  return memory !== 'lowmem' && memory !== 'highmem';
}

/** What the mappings of device memory and of protected memory forbid. */
const LIMITS_OF_OTHERS: ReadonlySet<RuleId> = new Set([
  'unmap-order',
  'wrong-task',
  'wrong-cpu',
  'slot-overflow',
  'sleep-in-atomic',
]);

/** Observes with pages of the kind `used`, which are told as pages of the kind `memory`. */
function observeOn(
  port: LoadedPort,
  variant: string,
  memory: MemoryKind,
  options: MachineOptions,
  used: MemoryKind,
): Observed {
  const machine = createMachine({
    ...machineFor(port, options),
    mode: 'checked',
    highmem: false,
    callSites: true,
    trace: false,
    onViolation: (violation) => {
      // Some maps disable preemption: whether the one under test does is not the port's fault.
      if (violation.rule !== 'preemptible-cpu' || !watch.isMapped) throw new ViolationError(violation);
    },
  });
  const watch = new SiteWatch(machine);
  const column: Column = { contract: OBSERVED, on: () => (context) => observing(context, watch) };
  const { program, verify } = port.program(variant, used, column);
  machine.hardware.trace = watch;
  const end = (): Omit<Observed, 'needs'> => {
    const shared = runProgram(program, machine, (state) => failureOf(state) !== undefined);
    machine.hardware.trace = undefined;
    const error = failureOf(shared);
    if (error !== undefined) return { error };
    machine.checkLeaks();
    return { moved: verify(shared, machine) };
  };
  const result = orViolation(end);
  return { needs: watch.needs(used === memory ? 'highmem' : memory), ...result };
}

function orViolation(work: () => Omit<Observed, 'needs'>): Omit<Observed, 'needs'> {
  try {
    return work();
  } catch (error) {
    if (error instanceof ViolationError) return { violation: error.violation };
    throw error;
  }
}

/** A backend that maps each kind of memory by what reaches it with the fewest limits. */
function observing(context: Context, watch: SiteWatch): MapBackend {
  const ram = pageAddress(context);
  const others: Partial<Record<MemoryKind, MapBackend>> = {
    iomem: ioAccess(context),
    protected: pgmap(context),
    unmappable: vmap(context),
  };
  const backendOf = (kind: MemoryKind): MapBackend => others[kind] ?? ram;
  return defineBackend(context, {
    contract: OBSERVED,
    map: (page, pageOffset, lengthBytes) =>
      watch.asBackend(() => backendOf(page.kind).map(page, pageOffset, lengthBytes)),
    unmap: (mapping) => {
      backendOf(mapping.kind).unmap(mapping);
    },
  });
}
