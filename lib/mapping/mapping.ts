/**
 * The mapping token: a map returns it, and an unmap takes nothing else.
 *
 * It stores page, offset, slot, owner and backend, so that a release always matches its map. The `sg_unmap` of 2017
 * computed them again and got them wrong.
 */
import type { RamWindow } from '../kernel/window/ram-window.ts';
import type { Window } from '../kernel/window/window.ts';

/** Bytes reached through accessors (`load8` … `store64`, `copyTo`, `copyFrom`, `fill`). */
export type Mapping = Window;

/** A mapping of memory that plain loads and stores may access: it also has `bytes`. */
export type DirectMapping = RamWindow;
