import {
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kunmapHigh,
  kunmapLocal,
  migrateEnable,
  mightSleep,
  pagefaultDisable,
  pagefaultEnable,
  pgmapSetNoaccess,
  preemptDisable,
  preemptEnable,
  smpProcessorId,
  runAlone,
  vmap,
} from 'scatterlist/machine';
import type { Case } from '../case.ts';

/** Things done where, when or by whom they must not be. */
export const CONTEXT: readonly Case[] = [
  {
    rule: 'wrong-task',
    name: 'another task on the same CPU uses a local map',
    by: ['task', 'other', 0],
    what: /"other" on cpu0 used a mapping that belongs to "driver" on cpu0/,
    goesOn: 9,
    run: (machine, mark) => {
      const m = kmapLocalPage(machine.task('driver'), machine.allocPage({ zone: 'lowmem' }));
      m.store8(0, 9);
      machine.enter(machine.task('other'));
      mark();
      return m.load8(0);
    },
  },
  {
    rule: 'wrong-task',
    name: 'a handler releases a map of the task below it',
    by: ['hardirq', 'timer', 0],
    what: /kunmap_local by hardirq "timer" of a mapping that belongs to "driver"/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
      return machine.interrupt(
        'hardirq',
        (irq) => {
          mark();
          kunmapLocal(irq, m);
          return machine.liveMappings;
        },
        { name: 'timer' },
      );
    },
  },
  {
    rule: 'wrong-cpu',
    name: 'a task on another CPU uses a local map',
    by: ['task', 'other', 1],
    what: /"other" on cpu1 used a mapping that belongs to "driver" on cpu0/,
    goesOn: 9,
    run: (machine, mark) => {
      const m = kmapLocalPage(machine.task('driver'), machine.allocPage({ zone: 'highmem' }));
      m.store8(0, 9);
      machine.enter(machine.task('other', { cpu: 1 }));
      mark();
      return m.load8(0);
    },
  },
  {
    rule: 'wrong-cpu',
    name: 'a task on another CPU releases a local map',
    by: ['task', 'other', 1],
    what: /kunmap_local by task "other" of a mapping that belongs to "driver"/,
    goesOn: 0,
    run: (machine, mark) => {
      const m = kmapLocalPage(machine.task('driver'), machine.allocPage({ zone: 'lowmem' }));
      const other = machine.task('other', { cpu: 1 });
      mark();
      kunmapLocal(other, m);
      return machine.liveMappings;
    },
  },
  {
    rule: 'sleep-in-atomic',
    name: 'might_sleep with preemption disabled',
    what: /might_sleep while preemption is disabled \(count 1\)/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      preemptDisable(task);
      mark();
      mightSleep(task);
    },
  },
  {
    rule: 'sleep-in-atomic',
    name: 'vmap inside an atomic map',
    what: /vmap while preemption is disabled/,
    goesOn: true,
    run: (machine, mark) => {
      const task = machine.task('driver');
      kmapAtomic(task, machine.allocPage({ zone: 'highmem' }));
      const pages = machine.allocPages(2, { zone: 'highmem' });
      mark();
      return vmap(task, pages).ok;
    },
  },
  {
    rule: 'sleep-in-atomic',
    name: 'a switch out of an atomic map',
    severity: 'bug',
    what: /cpu0 would switch to "other" while "driver" has preemption disabled \(count 1\)/,
    run: (machine, mark) => {
      const other = machine.task('other');
      kmapAtomic(machine.task('driver'), machine.allocPage({ zone: 'highmem' }));
      mark();
      machine.enter(other);
    },
  },
  {
    rule: 'sleep-in-atomic',
    name: 'a switch out of a handler',
    severity: 'bug',
    by: ['softirq', 'rx', 0],
    what: /cpu0 would switch to "other" while softirq "rx" runs/,
    run: (machine, mark) => {
      const other = machine.task('other');
      machine.irqEnter('softirq', 'rx');
      mark();
      machine.schedule(other);
    },
  },
  ...(['softirq', 'hardirq', 'nmi'] as const).map((kind): Case => ({
    rule: 'kmap-in-atomic',
    name: `kmap in a ${kind} handler`,
    by: [kind, kind, 0],
    what: new RegExp(`kmap while this is ${kind} context`),
    goesOn: 1,
    run: (machine, mark) =>
      machine.interrupt(kind, (irq) => {
        const page = machine.allocPage({ zone: 'lowmem' });
        mark();
        runAlone(irq, kmap(irq, page));
        return machine.liveMappings;
      }),
  })),
  {
    rule: 'kmap-in-atomic',
    name: 'kmap inside an atomic map, of a lowmem page too',
    what: /kmap while preemption is disabled/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      kmapAtomic(task, machine.allocPage({ zone: 'lowmem' }));
      mark();
      runAlone(task, kmap(task, machine.allocPage({ zone: 'lowmem' })));
    },
  },
  {
    rule: 'kmap-in-atomic',
    name: 'kmap with interrupts disabled',
    what: /kmap while interrupts are disabled/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      machine.hardware.cpu(0).irqsDisabled = true;
      mark();
      runAlone(task, kmap(task, page));
    },
  },
  {
    rule: 'kmap-in-atomic',
    name: 'kmap with bottom halves disabled',
    what: /kmap while bottom halves are disabled/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      machine.hardware.cpu(0).softirqDepth += 1;
      mark();
      runAlone(task, kmap(task, page));
    },
  },
  {
    rule: 'pool-lock-in-interrupt',
    name: 'a handler that releases what a task mapped with kmap',
    by: ['hardirq', 'done', 0],
    goesOn: false,
    what: /kunmap_high in hardirq "done"; kmap_lock is held elsewhere with interrupts on/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      runAlone(task, kmap(task, page));
      const m = machine.newestMappingOf(task)!;
      return machine.interrupt(
        'hardirq',
        (irq) => {
          mark();
          kunmapHigh(irq, m);
          return m.live;
        },
        { name: 'done' },
      );
    },
  },
  {
    rule: 'map-in-hardirq',
    name: 'a local map in a handler that enabled interrupts',
    by: ['hardirq', 'hardirq', 0],
    what: /in hard interrupt context while interrupts are enabled/,
    goesOn: 1,
    run: (machine, mark) =>
      machine.interrupt('hardirq', (irq) => {
        const page = machine.allocPage({ zone: 'highmem' });
        irq.cpu.irqsDisabled = false;
        mark();
        const m = kmapLocalPage(irq, page);
        const { idx } = irq.task.localMaps;
        kunmapLocal(irq, m);
        return idx;
      }),
  },
  {
    rule: 'preemptible-cpu',
    name: 'a per-CPU counter after a conversion from kmap_atomic to kmap_local_page',
    what: /task "driver" reads the number of its CPU, and can be moved to another one/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
      mark();
      const cpu = smpProcessorId(task);
      kunmapLocal(task, m);
      return cpu;
    },
  },
  {
    rule: 'count-imbalance',
    name: 'preempt_enable too many; the count stays at 0',
    what: /preempt_enable without its disable/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      mark();
      preemptEnable(task);
      return task.preemptCount;
    },
  },
  {
    rule: 'count-imbalance',
    name: 'migrate_enable too many; the count stays at 0',
    what: /migrate_enable without its disable/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      mark();
      migrateEnable(task);
      return task.migrateDisabled;
    },
  },
  {
    rule: 'count-imbalance',
    name: 'pagefault_enable too many; nothing in Linux stops that count',
    what: /pagefault_enable without its disable/,
    goesOn: -1,
    run: (machine, mark) => {
      const task = machine.task('driver');
      mark();
      pagefaultEnable(task);
      return task.pagefaultDisabled;
    },
  },
  {
    rule: 'count-imbalance',
    name: 'a task ends with counts raised',
    what: /task "driver" ended with preempt count 1, not 0; pagefault count 2, not 0/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      preemptDisable(task);
      pagefaultDisable(task);
      pagefaultDisable(task);
      mark();
      task.exit();
    },
  },
  {
    rule: 'count-imbalance',
    name: 'a softirq ends with preemption disabled; the core puts it right',
    by: ['softirq', 'softirq', 0],
    what: /softirq "softirq" ended with preempt count 1, not 0/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      machine.enter(task);
      mark();
      machine.interrupt('softirq', (irq) => preemptDisable(irq));
      return task.preemptCount;
    },
  },
  {
    rule: 'count-imbalance',
    name: 'a protection key taken back too often',
    machine: { protectedPages: 1 },
    what: /pgmap_set_noaccess of pfn 0x1000 without its pgmap_set_readwrite/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'protected' });
      mark();
      pgmapSetNoaccess(task, page);
      return task.keyGrants;
    },
  },
  {
    rule: 'deadlock',
    name: 'alone, asleep for a slot of a full pool',
    severity: 'bug',
    machine: { pkmapSlots: 2 },
    what: /"driver" sleeps on kmap pool and no other task runs to wake it/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const pages = machine.allocPages(3, { zone: 'highmem' });
      for (const page of pages.slice(0, 2)) runAlone(task, kmap(task, page));
      mark();
      runAlone(task, kmap(task, pages[2]!));
    },
  },
];
