/** Every group, by name. */
import type { GroupMaker } from '../measure.ts';
import {
  contiguous,
  gather,
  gatherApart,
  gatherNew,
  partial,
  partialApart,
  scatter,
  small512,
  small64,
} from './copies.ts';
import { cBlocks, cStep } from './c.ts';
import { checkFiles, checkOneFile } from './check.ts';
import { dma } from './dma.ts';
import { exploreSetUp, exploreStep, exploreSteps, exploreWorkers } from './explore.ts';
import { compare, zero } from './fill.ts';
import { listToList } from './list-to-list.ts';
import { mapOne, mapMany, miterStep } from './mapping.ts';
import { lengths, segments } from './shapes.ts';
import { memory, sparse } from './sizes.ts';
import { tables } from './tables.ts';
import { checked, flat } from './scale.ts';
import { arena4096, arena512, arena64 } from './wasm-arena.ts';

export const groups: Readonly<Record<string, GroupMaker>> = {
  gather,
  gatherApart,
  gatherNew,
  scatter,
  partial,
  partialApart,
  contiguous,
  small512,
  small64,
  listToList,
  zero,
  compare,
  mapOne,
  mapMany,
  miterStep,
  tables,
  flat,
  checked,
  dma,
  memory,
  sparse,
  segments,
  lengths,
  arena4096,
  arena512,
  arena64,
  exploreStep,
  exploreSetUp,
  exploreSteps,
  exploreWorkers,
  cStep,
  cBlocks,
  checkFiles,
  checkOneFile,
};
