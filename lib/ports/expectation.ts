/**
 * Derives the expected result of a cell: what a backend's contract says to what a port was observed to need.
 *
 * There is no list of exceptions, and a port declares nothing: a backend that changes its contract, or a port that
 * changes what it does with a mapping, changes what is expected.
 */
import { describeError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { MachineConfig } from '../machine/config.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { RuleId } from '../machine/rules.ts';
import { termsFor } from '../mapping/contract.ts';
import type { Contract, NestingLimit } from '../mapping/contract.ts';
import type { Needs } from './needs.ts';
import type { Observed } from './observe.ts';

/** A term of a contract that a site does not keep, or that refuses it. */
export interface Conflict {
  /** The site, if it is one of the port's mappings. */
  readonly needs?: Needs;
  readonly because: string;
  /** The error that the map returns, where the contract says that it refuses. */
  readonly code?: ErrorCode;
  /** The rules, one of which is broken, where the contract forbids what the port does. */
  readonly rules?: readonly RuleId[];
  /** Whether the machine may pass over it, as Linux does in some cases. */
  readonly mayPass?: boolean;
}

/** The expected result by the contract, and a sentence that explains it. */
export type Expectation =
  | { readonly result: 'verified'; readonly because: string }
  | {
      readonly result: 'refused' | 'violation';
      readonly because: string;
      readonly conflicts: readonly Conflict[];
    };

const SLEEP_RULES: readonly RuleId[] = ['sleep-in-atomic', 'kmap-in-atomic'];
/** Calls that sleep only where a fault is handled, which is not done while page faults are disabled. */
const FAULTING_CALLS: ReadonlySet<string> = new Set([
  'copy_from_user',
  'copy_to_user',
  'get_user',
  'put_user',
  'might_fault',
]);
const CONTEXT_RULES: readonly RuleId[] = [
  'wrong-task',
  'wrong-cpu',
  'stale-tlb',
  'wild-access',
  'unmap-address',
  'leak',
];

/** Without CONFIG_HIGHMEM, highmem pages have permanent addresses like all others. */
function effectiveKind(kind: MemoryKind, { highmem }: MachineConfig): MemoryKind {
  return kind === 'highmem' && !highmem ? 'lowmem' : kind;
}

/** Every term of a contract that a site does not fit. */
export function conflictsOf(contract: Contract, needs: Needs, config: MachineConfig): readonly Conflict[] {
  return [...new Set(needs.kinds.map((kind) => effectiveKind(kind, config)))].flatMap((kind) =>
    [
      reach(contract, needs, kind),
      context(contract, needs),
      sleep(contract, needs, config),
      fault(contract, needs, config),
      cpu(contract, needs, config),
      scope(contract, needs, kind),
      order(contract, needs, kind),
      limit(contract, needs, kind, config),
      length(contract, needs),
    ].filter((conflict) => conflict !== undefined),
  );
}

/** Derives the expectation of one cell from what was observed of the sites that map through the backend. */
export function expectationOf(
  contract: Contract,
  { needs: sites, violation, error }: Observed,
  config: MachineConfig,
): Expectation {
  const conflicts: Conflict[] = sites
    .filter(({ mechanism }) => mechanism === undefined)
    .flatMap((needs) => conflictsOf(contract, needs, config));
  if (violation !== undefined) {
    const because = `the port breaks ${violation.rule} where every mapping is allowed: ${violation.what}`;
    conflicts.push({ because, rules: [violation.rule] });
  }
  if (error !== undefined) {
    const because = `the port ends with an error where every mapping is allowed: ${describeError(error)}`;
    conflicts.push({ because, code: error.code });
  }
  const [first] = conflicts;
  if (first === undefined)
    return { result: 'verified', because: 'the contract covers what the port does with its mappings' };
  // A contract that refuses a kind of memory does so at the first map.
  const refusal = conflicts.find(({ code }) => code !== undefined);
  const { because } = refusal ?? first;
  return { result: refusal === undefined ? 'violation' : 'refused', because, conflicts };
}

function reach(contract: Contract, needs: Needs, kind: MemoryKind): Conflict | undefined {
  if (!contract.errors[kind].includes('Unmappable')) return undefined;
  return { needs, because: `the contract says that it cannot reach ${kind} pages`, code: 'Unmappable' };
}

function context(contract: Contract, needs: Needs): Conflict | undefined {
  const foreign = needs.contexts.find((kind) => !contract.contexts.includes(kind));
  if (foreign !== undefined) {
    const because = `the port maps in ${foreign} context, the contract maps in ${contract.contexts.join(', ')} only`;
    return { needs, because, rules: SLEEP_RULES };
  }
  if (!needs.isAtomic || contract.contexts.some((allowed) => allowed !== 'task')) return undefined;
  const because = 'the port maps in an atomic section, the contract needs a task that may sleep';
  return { needs, because, rules: SLEEP_RULES };
}

function sleep(contract: Contract, needs: Needs, { preemptRt }: MachineConfig): Conflict | undefined {
  const disables = preemptRt ? contract.disablesRt : contract.disables;
  const areFaultsOff = disables.includes('pageFaults');
  const what = needs.sleptOn.find((call) => !areFaultsOff || !FAULTING_CALLS.has(call));
  if (what === undefined || !disables.includes('preemption')) return undefined;
  const because = `the port sleeps on ${what} while a page is mapped, and the contract's map disables preemption`;
  return { needs, because, rules: SLEEP_RULES };
}

function fault(contract: Contract, needs: Needs, { preemptRt }: MachineConfig): Conflict | undefined {
  const disables = preemptRt ? contract.disablesRt : contract.disables;
  if (!needs.isFaulting || !disables.includes('pageFaults')) return undefined;
  const because =
    "a page of a user is not present while a page is mapped, and the contract's map disables page faults";
  return { needs, because, code: 'BadAddress' };
}

function cpu(
  contract: Contract,
  needs: Needs,
  { preemptRt, semantics }: MachineConfig,
): Conflict | undefined {
  const disables = preemptRt ? contract.disablesRt : contract.disables;
  if (!needs.readsCpu || disables.includes('preemption')) return undefined;
  const isKept = disables.includes('migration');
  // A map that disables page faults disables migration for every page; others do for pages in a slot, which Linux accepts
  // as a reason, and a strict machine does not. Which pages are in a slot is part of no contract.
  if (isKept && disables.includes('pageFaults')) return undefined;
  const because =
    "the port reads the number of its CPU while a page is mapped, and the contract's map does not disable preemption";
  return { needs, because, rules: ['preemptible-cpu'], mayPass: semantics === 'compatible' };
}

function scope(contract: Contract, needs: Needs, kind: MemoryKind): Conflict | undefined {
  const terms = termsFor(contract, kind);
  const [user] = needs.usedBy;
  if (user !== undefined && terms.scope !== 'global') {
    const because = `${user} uses a mapping of another context, the contract's mappings belong to a ${terms.scope}`;
    return { needs, because, rules: CONTEXT_RULES };
  }
  if (!needs.isUsedOnOtherCpu || terms.scope !== 'cpu') return undefined;
  const because = "a mapping is used on another CPU, the contract's mappings belong to a CPU";
  return { needs, because, rules: CONTEXT_RULES };
}

function order(contract: Contract, needs: Needs, kind: MemoryKind): Conflict | undefined {
  if (needs.isReleasedInOrder || termsFor(contract, kind).nesting.order === 'any') return undefined;
  const because = 'the port releases an older mapping first, the contract releases the newest first';
  return { needs, because, rules: ['unmap-order'] };
}

function limit(
  contract: Contract,
  needs: Needs,
  kind: MemoryKind,
  config: MachineConfig,
): Conflict | undefined {
  const { limitedBy, beyond } = termsFor(contract, kind).nesting;
  const most = limitOf(limitedBy, config);
  // A number is the backend's own limit; other mappings of the port take from what the machine limits, too.
  const held = typeof limitedBy === 'number' ? needs.heldOfBackendAtOnce : needs.heldAtOnce;
  if (held <= most || beyond === 'none') return undefined;
  const because = `the port holds ${String(held)} mappings at once, the contract allows ${String(most)}`;
  if (beyond === 'violation') return { needs, because, rules: ['slot-overflow'] };
  // The waiting form waits for a slot that only the port itself could release.
  return contract.sleeps ? { needs, because, rules: ['deadlock'] } : { needs, because, code: beyond };
}

/**
 * What may become of a port beside a second user that holds `held` pages of the same pool: an error if its map does not
 * wait, a deadlock if both hold some while they wait for more.
 */
export function besideOf(
  contract: Contract,
  sites: readonly Needs[],
  held: number,
  config: MachineConfig,
): readonly Conflict[] {
  const kindsOf = ({ kinds }: Needs): readonly MemoryKind[] => [
    ...new Set(kinds.map((kind) => effectiveKind(kind, config))),
  ];
  return sites
    .filter(({ mechanism }) => mechanism === undefined)
    .flatMap((needs) => kindsOf(needs).flatMap((kind) => shares(contract, needs, kind, held, config)));
}

function shares(
  contract: Contract,
  needs: Needs,
  kind: MemoryKind,
  held: number,
  config: MachineConfig,
): readonly Conflict[] {
  const { limitedBy, beyond } = termsFor(contract, kind).nesting;
  if (!isShared(limitedBy) || beyond === 'violation' || beyond === 'none') return [];
  const most = limitOf(limitedBy, config);
  const because = `the port and a second user hold up to ${String(needs.heldAtOnce)} and ${String(held)} of ${String(most)} ${limitedBy}`;
  const canBothWait = contract.sleeps && Math.min(needs.heldAtOnce, held) > 1;
  return [{ needs, because, code: beyond, rules: canBothWait ? ['deadlock'] : [] }];
}

/** Whether all users of a machine share what is limited. */
export function isShared(limitedBy: NestingLimit): boolean {
  return limitedBy === 'pkmapSlots' || limitedBy === 'bounceSlots' || limitedBy === 'vmallocPages';
}

function limitOf(limitedBy: NestingLimit, config: MachineConfig): number {
  if (typeof limitedBy === 'number') return limitedBy;
  switch (limitedBy) {
    case 'nothing':
      return Infinity;
    case 'localSlots':
      return config.kmMaxIdx;
    default:
      return config[limitedBy];
  }
}

function length(contract: Contract, needs: Needs): Conflict | undefined {
  if (needs.pages <= 1 || contract.contiguous) return undefined;
  const because = `the port maps ${String(needs.pages)} pages at once, a mapping of this contract is within one`;
  return { needs, because, rules: ['page-overrun', 'range-overrun'] };
}
