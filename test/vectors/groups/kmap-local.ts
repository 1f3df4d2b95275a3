/** Local maps over CPUs and tasks: the groups kmap_local and highmem_query. */
import { expect } from 'chai';
import { ViolationError, createMachine, pfn as toPfn, runAlone, virtAddr } from 'scatterlist';
import type { Context, Page, Task, VirtAddr } from 'scatterlist';
import {
  isKmapAddr,
  kmap,
  kmapAssertNomap,
  kmapAtomic,
  kmapAtomicPfn,
  kmapLocalPage,
  kmapLocalPageTryFromPanic,
  kmapLocalPfn,
  kmapToPage,
  kunmap,
  kunmapAtomic,
  kunmapLocal,
} from 'scatterlist/machine';
import type { Machine, RuleId, TraceEvent } from 'scatterlist/machine';
import { linuxOf, runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { takeEvents } from '../map-events.ts';

type Address = readonly [area: 'slot' | 'low' | 'pkmap' | 'user', index: number, byte: number];

const MAPS = {
  kmap_local_page: (c: Context, n: number) => kmapLocalPage(c, pageOf(c, n)),
  kmap_local_pfn: (c: Context, n: number) => kmapLocalPfn(c, toPfn(n)),
  kmap_atomic: (c: Context, n: number) => kmapAtomic(c, pageOf(c, n)),
  kmap_atomic_pfn: (c: Context, n: number) => kmapAtomicPfn(c, toPfn(n)),
  kmap: (c: Context, n: number) => runAlone(c, kmap(c, pageOf(c, n))),
  kmap_local_page_try_from_panic: (c: Context, n: number) => kmapLocalPageTryFromPanic(c, pageOf(c, n)),
} as const;

const BY_ADDRESS = {
  kunmap_local: (c: Context, address: VirtAddr) => (kunmapLocal(c, address), null),
  kunmap_atomic: (c: Context, address: VirtAddr) => (kunmapAtomic(c, address), null),
  kmap_to_page: (c: Context, address: VirtAddr) => kmapToPage(c, address)?.pfn ?? null,
  is_kmap_addr: (c: Context, address: VirtAddr) => isKmapAddr(c.machine, address),
} as const;

type Op =
  | readonly [keyof typeof MAPS | 'kunmap' | 'switch' | 'fork', cpu: number, number]
  | readonly [keyof typeof BY_ADDRESS, cpu: number, Address]
  | readonly ['context', cpu: number, inHardirq: boolean, irqsDisabled: boolean]
  | readonly ['assert_nomap', cpu: number];

interface Input {
  readonly config: {
    readonly debug: boolean;
    readonly rt: boolean;
    readonly force_map: boolean;
    readonly high_get: boolean;
    readonly last_pkmap: number;
    readonly km_max_idx: number;
    readonly nr_cpus: number;
    readonly low_pages: number;
  };
  readonly ntasks: number;
  readonly script: readonly Op[];
}

const WARNINGS: Readonly<Partial<Record<RuleId, string>>> = {
  'map-in-hardirq': 'hardirq_irqs_enabled',
  'unmap-order': 'kunmap_out_of_order',
  'fork-with-maps': 'fork_with_kmaps',
  leak: 'assert_nomap',
  'to-page-of-kmap': 'to_page_of_pkmap',
  'to-page-of-local': 'to_page_of_slot',
};

// Asked by Linux too, by code that was not recorded.
const NOT_RECORDED: readonly string[] = ['kmap-in-atomic', 'count-imbalance'];

const BUGS: Readonly<Partial<Record<RuleId, string>>> = {
  'slot-overflow': 'kmap_local_overflow',
  'slot-underflow': 'kmap_local_underflow',
};

function pageOf(context: Context, n: number): Page {
  return context.machine.hardware.memory.page(n);
}

class Player {
  readonly machine: Machine;
  readonly tasks: Task[];

  constructor(machine: Machine, tasks: number, cpus: number) {
    this.machine = machine;
    this.tasks = Array.from({ length: tasks }, (_, id) =>
      machine.task(`task${String(id)}`, { cpu: id % cpus }),
    );
    for (let cpu = 0; cpu < cpus; cpu += 1) machine.switchTo(machine.hardware.cpu(cpu).id, this.#task(cpu));
    takeEvents(machine);
  }

  step(op: Op): unknown {
    const cpu = this.machine.hardware.cpu(op[1]);
    let ret: unknown = null;
    try {
      ret = this.#run(op, this.machine.running(cpu.id));
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
    }
    const { task } = this.machine.running(cpu.id);
    return {
      ret,
      counters: [
        this.tasks.indexOf(task),
        task.localMaps.idx,
        task.preemptCount,
        task.migrateDisabled,
        task.pagefaultDisabled,
      ],
      events: takeEvents(this.machine).flatMap((event) => this.#translate(event)),
    };
  }

  #run(op: Op, context: Context): unknown {
    switch (op[0]) {
      case 'kunmap':
        kunmap(context, pageOf(context, op[2]));
        return null;
      case 'switch':
        this.machine.switchTo(context.cpu.id, this.#task(op[2]));
        return null;
      case 'fork': {
        const child = this.machine.fork(context.task, `task${String(op[2])}`);
        this.tasks[op[2]] = child;
        return child.localMaps.idx;
      }
      case 'context':
        context.cpu.hardirqDepth = op[2] ? 1 : 0;
        context.cpu.irqsDisabled = op[3];
        return null;
      case 'assert_nomap':
        kmapAssertNomap(context);
        return null;
      case 'kunmap_local':
      case 'kunmap_atomic':
      case 'kmap_to_page':
      case 'is_kmap_addr':
        return BY_ADDRESS[op[0]](context, this.#address(op[2]));
      default: {
        const window = MAPS[op[0]](context, op[2]);
        return window === undefined ? null : this.#locate(window.vaddr);
      }
    }
  }

  #task(id: number): Task {
    const task = this.tasks[id];
    if (task === undefined) throw new Error(`no task ${String(id)}`);
    return task;
  }

  #address([area, index, byte]: Address): VirtAddr {
    const { addresses } = this.machine.hardware;
    const bases = {
      slot: () => addresses.local(index),
      low: () => addresses.direct(index),
      pkmap: () => addresses.pkmap(index),
      user: () => index * addresses.pageSize,
    };
    return virtAddr(bases[area]() + byte);
  }

  #locate(vaddr: number): Address {
    const { addresses, pageTable } = this.machine.hardware;
    const byte = vaddr % addresses.pageSize;
    const at = pageTable.locate(vaddr);
    if (at === undefined) return ['low', (vaddr - byte - addresses.pageOffset) / addresses.pageSize, byte];
    return [at.area === 'local' ? 'slot' : 'pkmap', at.index, byte];
  }

  #translate(event: TraceEvent): readonly unknown[] {
    const { addresses } = this.machine.hardware;
    const pageOfPkmap = (address: number): number => (address - addresses.pkmapBase) / addresses.pageSize;
    switch (event.event) {
      case 'local-set':
        return [['set', event.slot, event.pfn]];
      case 'local-clear':
        return [['clear', event.slot]];
      case 'flush-page':
        return [['flush_one', (addresses.fixmapTop - event.vaddr) / addresses.pageSize]];
      case 'pkmap-set':
        return [['pk_set', event.slot, event.pfn]];
      case 'pkmap-clear':
        return [['pk_clear', event.slot]];
      case 'flush-range':
        return [['tlb_flush_range', pageOfPkmap(event.from), pageOfPkmap(event.to)]];
      case 'flush-cache-kmaps':
        return [['flush_cache_kmaps']];
      case 'violation': {
        const rule = event.rule as RuleId;
        if (NOT_RECORDED.includes(rule)) return [];
        if (rule === 'unmap-address') {
          return [['warn', this.machine.config.forceMap ? 'kunmap_not_in_fixmap' : 'kunmap_user_address']];
        }
        return [BUGS[rule] === undefined ? ['warn', WARNINGS[rule] ?? rule] : ['bug', BUGS[rule]]];
      }
      default:
        return [];
    }
  }
}

export const kmapLocalGroup: GroupRunner = runnerOf<Input, unknown>((c, file) => {
  const { config, ntasks, script } = c.input;
  const machine = createMachine({
    linux: linuxOf(file),
    trace: true,
    semantics: 'compatible',
    onViolation: 'record',
    cpus: config.nr_cpus,
    lowmemPages: config.low_pages,
    highmemPages: 2 ** 22,
    debugKmapLocal: config.debug,
    preemptRt: config.rt,
    forceMap: config.force_map,
    kmapHighGet: config.high_get,
    pkmapSlots: config.last_pkmap,
    kmMaxIdx: config.km_max_idx,
  });
  const player = new Player(machine, ntasks, config.nr_cpus);
  const steps = script.map((op) => player.step(op));
  const { pageTable, addresses } = machine.hardware;
  const ptes = Array.from({ length: addresses.localSlots }, (_, slot) => [slot, pageTable.local.get(slot)]);
  const tasks = player.tasks.map(({ localMaps }) => ({
    idx: localMaps.idx,
    stack: Array.from(localMaps.entries.subarray(0, Math.max(localMaps.idx, 0)), (entry) => entry - 1),
  }));
  const final = { ptes: ptes.filter(([, pfn]) => pfn !== -1), tasks };
  expect({ steps, final }).to.deep.equal(c.expect);
});
