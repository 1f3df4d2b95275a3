/**
 * linux/preempt.h, linux/irqflags.h, linux/uaccess.h's page faults, linux/smp.h, linux/interrupt.h and linux/workqueue.h.
 */
import { ConfigError } from '../../base/invariant.ts';
import {
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  localIrqRestore,
  localIrqSave,
} from '../../kernel/core/irq-state.ts';
import {
  inAtomic,
  inInterrupt,
  maySleep,
  mightSleep,
  migrateDisable,
  migrateEnable,
  pagefaultDisable,
  pagefaultEnable,
  preemptDisable,
  preemptEnable,
} from '../../kernel/core/preempt.ts';
import { smpProcessorId } from '../../kernel/core/smp-processor-id.ts';
import type { Context } from '../../kernel/core/machine.ts';
import { readBytes, readConstant, readWord, writeWord } from '../runtime/memory.ts';
import { ALONE } from '../runtime/runner.ts';
import type { Runner } from '../runtime/runner.ts';
import { worldOf } from '../runtime/world.ts';
import { pageOf } from './memory/page-pointer.ts';
import type { KernelFunction, KernelFunctions } from './kernel-function.ts';

function plain(run: (context: Context) => void): KernelFunction {
  return (c) => {
    run(c.context);
  };
}

/** A function of EXPLORED: which of its values it returns. */
function explored(c: Runner, name: number, values: number, count: number, sleeps: number): number {
  const { machine } = c.context;
  const called = readConstant(c, name);
  if (sleeps !== 0) mightSleep(c.context, called);
  const world = worldOf(machine);
  // Setup and checks are no part of what is explored.
  const index = count > 1 && c.name !== ALONE ? world.choose(count) : 0;
  const value = readConstant(c, values).split(',')[index]?.trim() ?? '';
  if (c.name !== ALONE) world.note(value === '' ? `calls ${called}` : `${called} returns ${value}`);
  return index;
}

function valuesOf(c: Runner, values: number, count: number): readonly bigint[] {
  const read = new DataView(readBytes(c, values, 8 * count).buffer);
  return Array.from({ length: count }, (_, i) => read.getBigInt64(8 * i, true));
}

/** A variable of `explored_at`, or bytes of `explored_bytes`. */
function exploredAt(
  c: Runner,
  at: number,
  bytes: number,
  width: number,
  name: number,
  values: number,
  count: number,
): void {
  worldOf(c.context.machine).explored.add(at, {
    name: readConstant(c, name).replace(/^&/, ''),
    bytes,
    width,
    values: valuesOf(c, values, count),
  });
}

/** A page of `explored_page`. */
function exploredPage(c: Runner, page: number, name: number, values: number, count: number): void {
  const { explored } = worldOf(c.context.machine);
  explored.addPage(pageOf(c, page), readConstant(c, name), valuesOf(c, values, count));
}

/** Where `struct work_struct` has the item behind it. */
const NEXT = 12;

/** Functions about the context that runs. */
export const CONTEXTS: KernelFunctions = {
  preempt_disable: plain(preemptDisable),
  preempt_enable: plain(preemptEnable),
  preempt_count: (c) => c.context.task.preemptCount,
  pagefault_disable: plain(pagefaultDisable),
  pagefault_enable: plain(pagefaultEnable),
  pagefault_disabled: (c) => c.context.task.pagefaultDisabled > 0,
  migrate_disable: plain(migrateDisable),
  migrate_enable: plain(migrateEnable),
  local_irq_disable: plain(localIrqDisable),
  local_irq_enable: plain(localIrqEnable),
  __local_irq_save: (c) => localIrqSave(c.context),
  local_irq_restore: (c, enabled) => {
    localIrqRestore(c.context, enabled !== 0);
  },
  irqs_disabled: (c) => c.context.cpu.irqsDisabled,
  local_bh_disable: plain(localBhDisable),
  local_bh_enable: plain(localBhEnable),
  in_atomic: (c) => inAtomic(c.context),
  in_interrupt: (c) => inInterrupt(c.context),
  preemptible: (c) => maySleep(c.context),
  might_sleep: (c) => {
    mightSleep(c.context);
  },
  smp_processor_id: (c) => smpProcessorId(c.context),
  raw_smp_processor_id: ({ context }) => {
    context.machine.hardware.trace?.record({ event: 'cpu-look', by: context.actor });
    return context.cpu.id;
  },
  schedule: (c) => {
    mightSleep(c.context, 'schedule');
  },
  cpu_relax: () => undefined,
  msleep: (c) => {
    mightSleep(c.context, 'msleep');
  },
  udelay: () => undefined,
  __scatterlist_raise: (c, name) => {
    worldOf(c.context.machine).raise(readConstant(c, name));
  },
  // A work item that is queued already is not queued again.
  __queue_work: (c, work, name) => {
    if (readWord(c, work) !== 0) return false;
    writeWord(c, work, 1);
    worldOf(c.context.machine).raise(readConstant(c, name));
    return true;
  },
  __queue_item: (c, work, queue) => {
    const world = worldOf(c.context.machine);
    if (![...world.module.exports.keys()].some((name) => name.startsWith('scatterlist:work:worker_work:')))
      throw new ConfigError('schedule_work of an item that INIT_WORK made: write WORKER() in the file');
    if (readWord(c, work) !== 0) return false;
    writeWord(c, work, 1);
    writeWord(c, work + NEXT, 0);
    let end = queue;
    for (let item = readWord(c, end); item !== 0; item = readWord(c, end)) end = item + NEXT;
    writeWord(c, end, work);
    world.raise('worker');
    return true;
  },
  // The item may be queued again from here on, by itself, too.
  __next_item: (c, queue) => {
    const item = readWord(c, queue);
    if (item === 0) return 0;
    writeWord(c, queue, readWord(c, item + NEXT));
    writeWord(c, item, 0);
    return item;
  },
  // A timer that was started already keeps its turn.
  __mod_timer: (c, timer, name) => {
    const isPending = readWord(c, timer) !== 0;
    writeWord(c, timer, 1);
    if (!isPending) worldOf(c.context.machine).raise(readConstant(c, name));
    return isPending;
  },
  timer_delete: (c, timer) => {
    const isPending = readWord(c, timer) !== 0;
    writeWord(c, timer, 0);
    return isPending;
  },
  __scatterlist_jiffies: (c) => {
    c.looks += 1;
    return c.looks;
  },
  __scatterlist_choose: (c, count) => worldOf(c.context.machine).choose(count),
  __scatterlist_explored: explored,
  __scatterlist_explored_at: exploredAt,
  __scatterlist_explored_page: exploredPage,
  __scatterlist_note: (c, text) => {
    worldOf(c.context.machine).note(readConstant(c, text));
  },
};
