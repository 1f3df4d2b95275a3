/**
 * The mapping token: what a map returns, and the only thing that an unmap takes.
 *
 * It remembers page, offset, slot, owner and backend, so that releasing can never disagree with
 * mapping, which is how the `sg_unmap` of 2017 went wrong.
 */
import type { RamWindow } from '../kernel/window/ram-window.ts';
import type { Window } from '../kernel/window/window.ts';

/** Bytes reached through accessors (`load8` … `store64`, `copyTo`, `copyFrom`, `fill`). */
export type Mapping = Window;

/** A mapping of memory that plain loads and stores may touch: it also has `bytes`. */
export type DirectMapping = RamWindow;
