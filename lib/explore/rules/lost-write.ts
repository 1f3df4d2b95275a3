/**
 * Tells a failed final check that follows a lost update from any other.
 */
import { hex } from '../../base/units.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import type { Violation } from '../../machine/violation.ts';
import type { Recorder } from '../recorder.ts';
import { accessText } from './last-writers.ts';

/** What it means, for docs/rules.md. */
export const lostWrite = {
  id: 'lost-write',
  meaning:
    'The final check failed, and a context stored to bytes that another context had changed after the first had loaded them.',
  example: 'A loads, B loads, A stores, B stores: the store of A is lost.',
} as const;

type Access = Extract<TraceEvent, { readonly serial: number; readonly lengthBytes: number }>;

/** The violation, as a lost write where the trace shows one. */
export function refine(violation: Violation, events: readonly TraceEvent[], recorder?: Recorder): Violation {
  if (violation.rule !== 'final-check') return violation;
  const lost = findLostWrite(events);
  if (lost === undefined) return violation;
  const { store, between, load } = lost;
  const name = recorder?.placeOf(store)?.name?.text;
  const where = name ?? `pfn ${hex(store.pfn)} offset ${String(store.offset)}`;
  return {
    ...violation,
    rule: 'lost-write',
    what: `${violation.what}: "${store.by.name}" stored to ${where} what it had computed before "${between.by.name}" stored there`,
    details: [
      ...(recorder === undefined
        ? []
        : [
            { label: 'after', text: accessText(recorder, load) },
            { label: 'lost', text: accessText(recorder, between) },
            { label: 'lost by', text: accessText(recorder, store) },
          ]),
      ...violation.details,
    ],
  };
}

function findLostWrite(
  events: readonly TraceEvent[],
): { readonly store: Access; readonly between: Access; readonly load: Access } | undefined {
  const accesses = events.filter(
    (event): event is Access => event.event === 'load' || event.event === 'store',
  );
  for (const [at, store] of accesses.entries()) {
    if (store.event !== 'store') continue;
    const before = accesses.slice(0, at).filter((other) => meet(other, store));
    const ownLoad = before.findLastIndex((other) => other.by.name === store.by.name);
    const load = before[ownLoad];
    if (load?.event !== 'load') continue;
    const between = before.slice(ownLoad).find((other) => other.event === 'store');
    if (between !== undefined) return { store, between, load };
  }
  return undefined;
}

function meet(a: Access, b: Access): boolean {
  return a.pfn === b.pfn && a.offset < b.offset + b.lengthBytes && b.offset < a.offset + a.lengthBytes;
}
