/**
 * Tells a failed final check that follows a lost update from any other.
 */
import type { CallSite } from '../../machine/call-site.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import { siteText } from '../../machine/violation.ts';
import type { Violation } from '../../machine/violation.ts';

/** What it means, for docs/rules.md. */
export const lostWrite = {
  id: 'lost-write',
  meaning:
    'The final check failed, and a context stored to bytes that another context had changed after the first had loaded them.',
  example: 'A loads, B loads, A stores, B stores: the store of A is lost.',
} as const;

type Access = Extract<TraceEvent, { readonly serial: number; readonly lengthBytes: number }>;

/** Where an event happened. */
export interface Place {
  readonly site: CallSite | undefined;
  readonly step: number;
}

/** The violation, as a lost write where the trace shows one; `placeOf` is told the event and its place in the trace. */
export function refine(
  violation: Violation,
  events: readonly TraceEvent[],
  placeOf?: (event: TraceEvent, at: number) => Place,
): Violation {
  if (violation.rule !== 'final-check') return violation;
  const lost = findLostWrite(events);
  if (lost === undefined) return violation;
  const { store, between, load } = lost;
  const told = ({ event, by }: Access, at: number): string => {
    const { site, step } = placeOf?.(events[at] ?? store[0], at) ?? { site: undefined, step: -1 };
    const line = site === undefined || site.file === '' ? '' : ` at ${siteText(site)}`;
    return `${event} by "${by.name}"${line} in step ${String(step)}`;
  };
  const [stored] = store;
  return {
    ...violation,
    rule: 'lost-write',
    what: `${violation.what}: "${stored.by.name}" stored to pfn 0x${stored.pfn.toString(16)} offset ${String(stored.offset)} what it had computed before "${between[0].by.name}" stored there`,
    details: [
      ...(placeOf === undefined
        ? []
        : [load, between, store].map(([access, at], i) => ({
            label: i === 2 ? 'lost by' : i === 1 ? 'lost' : 'after',
            text: told(access, at),
          }))),
      ...violation.details,
    ],
  };
}

type Placed = readonly [access: Access, at: number];

function findLostWrite(
  events: readonly TraceEvent[],
): { readonly store: Placed; readonly between: Placed; readonly load: Placed } | undefined {
  const accesses = [...events.entries()].flatMap(([at, event]): readonly Placed[] =>
    event.event === 'load' || event.event === 'store' ? [[event, at]] : [],
  );
  for (const [i, store] of accesses.entries()) {
    if (store[0].event !== 'store') continue;
    const before = accesses.slice(0, i).filter(([other]) => meet(other, store[0]));
    const ownLoad = before.findLastIndex(([other]) => other.by.name === store[0].by.name);
    const load = before[ownLoad];
    if (load?.[0].event !== 'load') continue;
    const between = before.slice(ownLoad).find(([other]) => other.event === 'store');
    if (between !== undefined) return { store, between, load };
  }
  return undefined;
}

function meet(a: Access, b: Access): boolean {
  return a.pfn === b.pfn && a.offset < b.offset + b.lengthBytes && b.offset < a.offset + a.lengthBytes;
}
