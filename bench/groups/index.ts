/** Every group, by name. */
import type { GroupMaker } from '../measure.ts';
import { contiguous, gather, partial, scatter, small512, small64 } from './copies.ts';
import { listToList } from './list-to-list.ts';
import { mapOne, mapMany, miterStep } from './mapping.ts';
import { tables } from './tables.ts';
import { checked, flat } from './scale.ts';

export const groups: Readonly<Record<string, GroupMaker>> = {
  gather,
  scatter,
  partial,
  contiguous,
  small512,
  small64,
  listToList,
  mapOne,
  mapMany,
  miterStep,
  tables,
  flat,
  checked,
};
