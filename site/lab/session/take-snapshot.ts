/**
 * Takes a picture of a machine. It only reads: a run with pictures goes on as one without.
 */
import { LIMITS } from 'scatterlist/machine';
import type { Cpu, Machine, Page } from 'scatterlist/machine';
import type { Context, Interrupt, Task } from 'scatterlist';
import type {
  BouncePicture,
  CpuPicture,
  DmaPicture,
  LocalSlot,
  LockPicture,
  MappingPicture,
  PagePicture,
  PageTableEntry,
  PoolPicture,
  PoolSlot,
  QueuePicture,
  RunningContext,
  Snapshot,
  TaskPicture,
} from './snapshot.ts';

/** What the machine itself does not know. */
export interface Besides {
  /** Locks that are held. */
  readonly locks: readonly LockPicture[];
  /** Frames that the program has used. */
  readonly frames: ReadonlySet<number>;
  /** The line of the program at which something was done. */
  readonly lineOf: (site: { readonly file: string; readonly line: number } | undefined) => number | undefined;
}

type Holders = (area: 'local' | 'pkmap' | 'vmalloc', index: number) => readonly string[];

/** The bytes of a page that a picture has. */
const HEAD_BYTES = 16;

/** Slots up to which all of them are in a picture. */
const SMALL_POOL = 64;

/** Takes the picture. */
export function takeSnapshot(machine: Machine, besides: Besides): Snapshot {
  const holders = holdersOf(machine);
  return {
    cpus: machine.hardware.cpus.map((cpu) => cpuOf(machine, cpu, holders)),
    tasks: machine.tasks.map((task) => taskOf(machine, task)),
    pool: poolOf(machine, holders),
    pageTable: pageTableOf(machine, holders),
    bounce: bounceOf(machine),
    queues: queuesOf(machine),
    locks: besides.locks,
    mappings: mappingsOf(machine, besides),
    dma: dmaOf(machine),
    pages: pagesOf(machine, besides),
    ledger: { ...machine.ledger },
  };
}

function cpuOf(machine: Machine, cpu: Cpu, holders: Holders): CpuPicture {
  const top = machine.running(cpu.id);
  const { task } = top;
  return {
    id: cpu.id,
    stack: stackOf(top),
    isIdle: task.id < 0 && top === task,
    irqsDisabled: cpu.irqsDisabled,
    softirqDepth: cpu.softirqDepth,
    hardirqDepth: cpu.hardirqDepth,
    nmiDepth: cpu.nmiDepth,
    preemptCount: task.preemptCount,
    migrateDisabled: task.migrateDisabled,
    pagefaultDisabled: task.pagefaultDisabled,
    localSlots: localSlotsOf(machine, cpu, holders),
    localSlotCount: machine.config.kmMaxIdx,
    tlb: cpu.tlb.entries().map(([vaddr, pfn]) => ({ vaddr, pfn, isStale: isStale(machine, vaddr, pfn) })),
  };
}

function stackOf(top: Context): readonly RunningContext[] {
  const found: RunningContext[] = [];
  for (let context: Context | undefined = top; context !== undefined; context = belowOf(context))
    found.push({ name: context.name, kind: context.kind });
  return found;
}

function belowOf(context: Context): Context | undefined {
  return isInterrupt(context) ? context.interrupted : undefined;
}

function isInterrupt(context: Context): context is Interrupt {
  return context.kind !== 'task';
}

function localSlotsOf(machine: Machine, cpu: Cpu, holders: Holders): readonly LocalSlot[] {
  const { pageTable } = machine.hardware;
  const first = cpu.id * machine.config.kmMaxIdx;
  const slots = Array.from({ length: machine.config.kmMaxIdx }, (_, index) => {
    const pfn = pageTable.local.get(first + index);
    return {
      index,
      vaddr: pageTable.addressOf({ area: 'local', index: first + index }),
      pfn: pfn < 0 ? undefined : pfn,
      holders: holders('local', first + index),
    };
  });
  return slots.slice(0, 1 + slots.findLastIndex(({ pfn }) => pfn !== undefined));
}

function isStale({ hardware: { pageTable } }: Machine, vaddr: number, pfn: number): boolean {
  const at = pageTable.locate(vaddr);
  return at !== undefined && pageTable.entry(at) !== pfn;
}

function taskOf(machine: Machine, task: Task): TaskPicture {
  return {
    name: task.name,
    cpu: task.cpu.id,
    state: stateOf(machine, task),
    sleepsOn: task.asleepOn?.name,
    preemptCount: task.preemptCount,
    migrateDisabled: task.migrateDisabled,
    pagefaultDisabled: task.pagefaultDisabled,
    localMaps: task.localMaps.depth,
    hasKey: task.keyGrants > 0,
  };
}

function stateOf(machine: Machine, task: Task): TaskPicture['state'] {
  if (task.exited) return 'exited';
  if (task.asleepOn !== undefined) return 'asleep';
  return machine.running(task.cpu.id).task === task ? 'running' : 'runnable';
}

function poolOf({ pkmap, hardware }: Machine, holders: Holders): PoolPicture {
  const { pkmap: entries } = hardware.pageTable;
  const isSmall = pkmap.counts.length <= SMALL_POOL;
  return {
    slotCount: pkmap.counts.length,
    slots: [...pkmap.counts.entries()]
      .filter(([slot, count]) => isSmall || count > 0 || entries.get(slot) >= 0)
      .map(([slot, count]) => ({
        slot,
        vaddr: pkmap.address(slot),
        pfn: entries.get(slot) < 0 ? undefined : entries.get(slot),
        count,
        state: slotState(count),
        holders: holders('pkmap', slot),
      })),
    cursors: [...pkmap.cursors],
    flushPasses: pkmap.flushPasses,
    waiting: pkmap.waitQueues.flatMap(({ waiters }) => waiters.map(({ name }) => name)),
  };
}

function slotState(count: number): PoolSlot['state'] {
  if (count <= 0) return 'free';
  return count === 1 ? 'unused' : 'used';
}

function pageTableOf({ hardware: { pageTable } }: Machine, holders: Holders): readonly PageTableEntry[] {
  return (['local', 'pkmap', 'vmalloc'] as const)
    .flatMap((area) =>
      [...pageTable.mappedIn(area)].map(([index, pfn]) => ({
        area,
        vaddr: pageTable.addressOf({ area, index }),
        pfn,
        holders: holders(area, index),
      })),
    )
    .sort((a, b) => a.vaddr - b.vaddr);
}

function bounceOf({ deviceOwned }: Machine): readonly BouncePicture[] {
  return deviceOwned.pools.map(({ slots, runsInUse }, id) => ({
    id,
    slots,
    runs: runsInUse,
    slotBytes: LIMITS.bounceSlotBytes,
  }));
}

function queuesOf({ tasks }: Machine): readonly QueuePicture[] {
  const queues = new Set(tasks.map(({ asleepOn }) => asleepOn).filter((queue) => queue !== undefined));
  return [...queues].map(({ name, waiters }) => ({
    name,
    waiting: waiters.filter(({ asleepOn }) => asleepOn !== undefined).map((waiter) => waiter.name),
  }));
}

function mappingsOf({ live }: Machine, { lineOf }: Besides): readonly MappingPicture[] {
  return [...live].map((window) => ({
    serial: window.serial,
    mechanism: window.mechanism,
    owner: window.owner.name,
    vaddr: window.vaddr,
    lengthBytes: window.lengthBytes,
    pfns: framesOf(window),
    area: window.area,
    slot: window.slot < 0 ? undefined : window.slot,
    cpu: window.cpu,
    scope: window.scope,
    line: lineOf(window.mappedAt),
  }));
}

function framesOf(window: { frames(): readonly Page[] }): readonly number[] {
  return window.frames().map(({ pfn }) => pfn);
}

function dmaOf({ deviceOwned }: Machine): readonly DmaPicture[] {
  return [...deviceOwned.mappings].map((mapping) => ({
    device: mapping.deviceName,
    address: mapping.address,
    lengthBytes: mapping.lengthBytes,
    direction: mapping.direction,
    owner: mapping.belongsTo('cpu', 0, mapping.lengthBytes) ? 'cpu' : 'device',
  }));
}

function pagesOf({ hardware: { memory } }: Machine, { frames }: Besides): readonly PagePicture[] {
  return [...frames]
    .sort((a, b) => a - b)
    .map((pfn) => memory.page(pfn))
    .map((page) => ({
      pfn: page.pfn,
      kind: page.kind,
      isFree: page.zone.region === undefined && !page.isAllocated,
      // A page without bytes of its own has not been touched.
      head: page.chunk === undefined ? [] : [...memory.bytesOf(page).subarray(0, HEAD_BYTES)],
    }));
}

/** Who has a page of an area mapped, as the dump of the address space tells it. */
function holdersOf(machine: Machine): Holders {
  const { addresses, config } = machine.hardware;
  const names = new Map<number, readonly string[]>();
  for (const area of machine.dumpAddressSpace().areas) {
    if (area.name === 'linear') continue;
    for (const { start, pages, holders } of area.ranges)
      for (let i = 0; i < pages; i += 1)
        names.set(
          start + i * config.pageSize,
          holders.map(({ name }) => name),
        );
  }
  return (area, index) => names.get(addresses[area](index)) ?? [];
}
