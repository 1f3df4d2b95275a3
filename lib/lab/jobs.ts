/**
 * The ten jobs, from the histogram of the call sites that map in Linux.
 */
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import type { Job, SiteEnv } from './job.ts';
import { contiguousView } from './jobs/contiguous-view.ts';
import type { ContiguousView } from './jobs/contiguous-view.ts';
import { copyResponse } from './jobs/copy-response.ts';
import type { CopyResponse } from './jobs/copy-response.ts';
import { cursor } from './jobs/cursor.ts';
import type { Cursor } from './jobs/cursor.ts';
import { deviceMiddle } from './jobs/device-middle.ts';
import type { DeviceMiddle } from './jobs/device-middle.ts';
import { manyMaps } from './jobs/many-maps.ts';
import type { ManyMaps } from './jobs/many-maps.ts';
import { mustNotSleep } from './jobs/must-not-sleep.ts';
import type { MustNotSleep } from './jobs/must-not-sleep.ts';
import { patchHead } from './jobs/patch-head.ts';
import type { PatchHead } from './jobs/patch-head.ts';
import { pioBlocks } from './jobs/pio-blocks.ts';
import type { PioBlocks } from './jobs/pio-blocks.ts';
import { sharedView } from './jobs/shared-view.ts';
import type { SharedView } from './jobs/shared-view.ts';
import { twoLists } from './jobs/two-lists.ts';
import type { TwoLists } from './jobs/two-lists.ts';

/** What the call site of each job is given, besides the design. */
export interface JobEnvs {
  readonly copyResponse: CopyResponse;
  readonly patchHead: PatchHead;
  readonly pioBlocks: PioBlocks;
  readonly cursor: Cursor;
  readonly manyMaps: ManyMaps;
  readonly contiguousView: ContiguousView;
  readonly sharedView: SharedView;
  readonly deviceMiddle: DeviceMiddle;
  readonly twoLists: TwoLists;
  readonly mustNotSleep: MustNotSleep;
}

/** The name of a job, as the function that does it is called. */
export type JobId = keyof JobEnvs;

/** 0, or a negative error number. A call site may sleep, except in the job that must not. */
export type SiteResult<J extends JobId> = J extends 'mustNotSleep' ? number : number | Sleeping<number>;

/** The code that does a job with a design. It returns 0, or a negative error number after it has undone what it began. */
export type Site<Api, J extends JobId> = (env: SiteEnv<Api> & JobEnvs[J]) => SiteResult<J>;

/** The jobs, in the order of the table. */
export const JOBS: { readonly [J in JobId]: Job<JobEnvs[J]> } = {
  copyResponse,
  patchHead,
  pioBlocks,
  cursor,
  manyMaps,
  contiguousView,
  sharedView,
  deviceMiddle,
  twoLists,
  mustNotSleep,
};

/** The names of the jobs, in the order of the table. */
export const JOB_IDS: readonly JobId[] = [
  'copyResponse',
  'patchHead',
  'pioBlocks',
  'cursor',
  'manyMaps',
  'contiguousView',
  'sharedView',
  'deviceMiddle',
  'twoLists',
  'mustNotSleep',
];
