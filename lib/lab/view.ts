/**
 * What a caller can hand to other code as "these bytes": an array of its own, a mapping, or an address with a length.
 */
import { configWhole } from '../base/whole.ts';
import { AddressSpace } from '../kernel/address/address-space.ts';
import type { Context } from '../kernel/core/machine.ts';
import type { Mapping } from '../mapping/mapping.ts';

/** `struct kvec`: an address with a length. */
export interface Kvec {
  readonly base: number;
  readonly length: number;
}

/** Bytes that other code can reach. */
export type View = Uint8Array | Mapping | Kvec;

/**
 * Reads bytes of a view, in the name of a context.
 *
 * @linux none
 */
export function readView(context: Context, view: View, target: Uint8Array, offset = 0): void {
  configWhole('offset', offset, 0, view.length - target.length);
  if (view instanceof Uint8Array) target.set(view.subarray(offset, offset + target.length));
  else if (isKvec(view)) new AddressSpace(context).copyTo(target, view.base + offset);
  else {
    context.machine.enter(context);
    view.copyTo(target, offset);
  }
}

/**
 * Writes bytes of a view, in the name of a context.
 *
 * @linux none
 */
export function writeView(context: Context, view: View, source: Uint8Array, offset = 0): void {
  configWhole('offset', offset, 0, view.length - source.length);
  if (view instanceof Uint8Array) view.set(source, offset);
  else if (isKvec(view)) new AddressSpace(context).copyFrom(source, view.base + offset);
  else {
    context.machine.enter(context);
    view.copyFrom(source, offset);
  }
}

function isKvec(view: Exclude<View, Uint8Array>): view is Kvec {
  return 'base' in view && !('copyTo' in view);
}
