/** `sg_mapping_iter`: the groups miter and miter_stop. */
import { expect } from 'chai';
import { SgMiter, createMachine } from 'scatterlist';
import type { MapBackend, MiterDirection, Task } from 'scatterlist';
import { kmap, kmapAtomic, kmapLocal } from 'scatterlist/backends';
import { pagefaultDisable, pagefaultEnable } from 'scatterlist/machine';
import type { Machine } from 'scatterlist/machine';
import { linuxOf, runnerOf } from '../format.ts';
import type { GroupRunner, VectorFile } from '../format.ts';
import { buildList } from '../lists.ts';
import type { ListInput } from '../lists.ts';
import { mapEvents, takeEvents } from '../map-events.ts';

type Flag = 'ATOMIC' | 'LOCAL' | 'TO_SG' | 'FROM_SG';
type Op =
  | readonly ['next' | 'stop' | 'pagefault_disable' | 'pagefault_enable']
  | readonly ['skip' | 'consume', number];

interface Input extends ListInput {
  readonly nents: number;
  readonly flags: readonly Flag[];
  readonly script: readonly Op[];
}

interface Step {
  readonly ret: boolean | null;
  readonly map: readonly number[] | null;
  readonly events: unknown;
}

interface Expect {
  readonly start_events: unknown;
  readonly steps: readonly Step[];
  readonly preempt_left: number;
  readonly pagefault_left: number;
}

const WARNINGS = {
  'miter-no-direction': 'miter_no_direction',
  'miter-over-consumed': 'miter_consumed_gt_length',
  'miter-atomic-faults': 'miter_pagefault_enabled',
  // The script may enable page faults once too often; Linux does not look.
  'count-imbalance': null,
  // Linux does not see it.
  'miter-negative-skip': null,
} as const;

// Frames far above any in the recordings, so that lengths of up to 4 GiB stay inside memory.
const PAGES = 2 ** 22;

function backendOf(task: Task, flags: readonly Flag[]): MapBackend {
  if (flags.includes('ATOMIC')) return kmapAtomic(task);
  return flags.includes('LOCAL') ? kmapLocal(task) : kmap(task);
}

function directionOf(flags: readonly Flag[]): MiterDirection {
  if (flags.includes('TO_SG')) return 'toSg';
  return flags.includes('FROM_SG') ? 'fromSg' : 'none';
}

function play(machine: Machine, input: Input): Expect {
  const task = machine.task();
  machine.switchTo(task.cpu.id, task);
  const list = buildList(machine, input);
  const events = (): unknown => mapEvents(takeEvents(machine), WARNINGS);
  takeEvents(machine);
  const miter = new SgMiter(list, backendOf(task, input.flags), directionOf(input.flags), input.nents);
  const start_events = events();
  const step = (op: Op): boolean | null => {
    switch (op[0]) {
      case 'next': {
        const result = miter.next();
        if (!result.ok) throw new Error(`next failed with ${result.error.code}`);
        return result.value;
      }
      case 'skip':
        return miter.skip(op[1]);
      case 'stop':
        miter.stop();
        return null;
      case 'consume':
        miter.consumed = op[1];
        return null;
      case 'pagefault_disable':
        pagefaultDisable(task);
        return null;
      case 'pagefault_enable':
        pagefaultEnable(task);
        return null;
    }
  };
  const steps = input.script.map((op) => {
    const ret = step(op);
    const { page } = miter;
    const map =
      page === undefined ? null : [page.pfn, miter.mapping.pageOffset, miter.length, miter.consumed];
    return { ret, map, events: events() };
  });
  return {
    start_events,
    steps,
    preempt_left: task.preemptCount,
    pagefault_left: task.pagefaultDisabled,
  };
}

function withoutEvents(outcome: Expect): unknown {
  return { ...outcome, start_events: [], steps: outcome.steps.map(({ ret, map }) => ({ ret, map })) };
}

function machineFor(file: VectorFile, mode: 'checked' | 'direct'): Machine {
  return createMachine({
    mode,
    trace: true,
    linux: linuxOf(file),
    semantics: 'compatible',
    onViolation: 'record',
    // Checked on lowmem, as recorded; direct on highmem, where nothing but the slots may differ.
    lowmemPages: mode === 'checked' ? PAGES : 0,
    highmemPages: mode === 'checked' ? 0 : PAGES,
  });
}

export const miter: GroupRunner = runnerOf<Input, Expect>((c, file) => {
  expect(play(machineFor(file, 'checked'), c.input)).to.deep.equal(c.expect);
  expect(withoutEvents(play(machineFor(file, 'direct'), c.input)), 'direct machine').to.deep.equal(
    withoutEvents(c.expect),
  );
});
