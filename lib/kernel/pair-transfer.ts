/**
 * Visiting the bytes of two lists side by side through one mapping mechanism, without a token per page: the
 * counterpart of `Transfer` for helpers that hold two maps at a time.
 */
import type { Context } from './machine.ts';

/** Pieces of two lists, each of one length and in one run of system RAM on both sides. */
export interface PiecePairs {
  readonly count: number;
  readonly outerPfns: readonly number[];
  readonly innerPfns: readonly number[];
  readonly outerViews: readonly Uint8Array[];
  readonly innerViews: readonly Uint8Array[];
  /** Works on a pair; answers whether to go on. */
  readonly visit: (outer: Uint8Array, inner: Uint8Array) => boolean;
}

/** Visits pairs in order until one says stop; answers how many said go on, -1 where it cannot visit any. */
export type TransferPairs = (pairs: PiecePairs) => number;

/** Visits pairs through the slots of `kmap_local_page`, the inner map above the outer one. */
export function transferPairsLocal(context: Context, pairs: PiecePairs): number {
  const { machine } = context;
  machine.enter(context);
  if (!machine.isUnseen) return -1;
  const { localSlots } = machine;
  const { localMaps } = context.task;
  const outer = localSlots.beginSeries(context.task, context.cpu);
  if (outer < 0) return -1;
  const inner = localSlots.beginSeries(context.task, context.cpu);
  if (inner < 0) {
    localMaps.endSeries(0);
    return -1;
  }
  const { ptes, slotsFrom } = localSlots;
  const { count, outerPfns, innerPfns, outerViews, innerViews, visit } = pairs;
  let slottedOuter = 0;
  let slottedInner = 0;
  let passed = 0;
  for (; passed < count; passed += 1) {
    const outerPfn = outerPfns[passed] ?? 0;
    const innerPfn = innerPfns[passed] ?? 0;
    const outerView = outerViews[passed];
    const innerView = innerViews[passed];
    if (outerView === undefined || innerView === undefined) break;
    if (outerPfn >= slotsFrom) {
      ptes[outer] = outerPfn + 1;
      slottedOuter += 1;
    }
    if (innerPfn >= slotsFrom) {
      ptes[inner] = innerPfn + 1;
      slottedInner += 1;
    }
    if (!visit(outerView, innerView)) break;
  }
  ptes[outer] = 0;
  ptes[inner] = 0;
  localMaps.endSeries(slottedInner);
  localMaps.endSeries(slottedOuter);
  countMaps(context, 2 * Math.min(passed + 1, count) - slottedInner - slottedOuter);
  return passed;
}

/** Visits pairs at permanent addresses. */
export function transferPairsDirect(context: Context, pairs: PiecePairs): number {
  const { machine } = context;
  machine.enter(context);
  if (!machine.isUnseen) return -1;
  const { count, outerViews, innerViews, visit } = pairs;
  let passed = 0;
  for (; passed < count; passed += 1) {
    const outer = outerViews[passed];
    const inner = innerViews[passed];
    if (outer === undefined || inner === undefined || !visit(outer, inner)) break;
  }
  countMaps(context, 2 * Math.min(passed + 1, count));
  return passed;
}

function countMaps({ machine }: Context, maps: number): void {
  machine.hardware.ledger.maps += maps;
  machine.hardware.ledger.unmaps += maps;
}
