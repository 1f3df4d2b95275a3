/**
 * The kernel's address space as its page table has it: what lies at which address, and who holds it.
 */
import { cpuId, pfn as toPfn } from '../../base/units.ts';
import type { CpuId, Pfn, VirtAddr } from '../../base/units.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { MemoryKind, Zone } from '../../machine/memory.ts';
import type { AreaName } from '../../machine/tlb.ts';
import type { Window } from '../window/window.ts';

/** A context that maps, and how. */
export interface DumpedHolder {
  readonly name: string;
  /** The map function, or the slot type. `undefined` on a direct machine, which knows only whose slot it is. */
  readonly mechanism: string | undefined;
}

/** A run of mapped pages: consecutive addresses of consecutive frames, held by the same contexts. */
export interface DumpedRange {
  readonly start: VirtAddr;
  /** The address after the last byte. */
  readonly end: VirtAddr;
  readonly pages: number;
  readonly firstPfn: Pfn;
  /** The kind of memory of the frames; `undefined` where there is no memory. */
  readonly kind: MemoryKind | undefined;
  /** The name of the device, for device memory. */
  readonly device: string | undefined;
  /** Memory `with key` needs `pgmapSetReadwrite` before it can be accessed. */
  readonly access: 'read-write' | 'with key';
  /**
   * The contexts that have it mapped; on a checked machine all of them. A direct machine knows only the tasks that use
   * local slots. Empty in the linear map, where a page is mapped for good.
   */
  readonly holders: readonly DumpedHolder[];
}

/** A run of slots of the kmap pool with the same count. */
export interface DumpedPoolRange extends DumpedRange {
  /** The first slot. */
  readonly slot: number;
  /** The count of each slot: 1 if it has no user but is still mapped, n if it has n-1 users. */
  readonly count: number;
}

/** A local slot. */
export interface DumpedLocalRange extends DumpedRange {
  readonly cpu: CpuId;
  /** The index on this CPU's stack. */
  readonly index: number;
}

/** An area of the address space and what is mapped in it. */
interface Area<N extends string, R extends DumpedRange> {
  readonly name: N;
  /** What the dump in Linux calls the area. */
  readonly marker: string;
  readonly start: VirtAddr;
  /** The address after the last byte. */
  readonly end: VirtAddr;
  /** What is mapped, by address. */
  readonly ranges: readonly R[];
}

/** An area of the address space: the linear map, the vmalloc area (`vmap`, `ioremap`), the kmap pool, the local slots. */
export type DumpedArea =
  | Area<'linear', DumpedRange>
  | Area<'vmalloc', DumpedRange>
  | Area<'pkmap', DumpedPoolRange>
  | Area<'fixmap', DumpedLocalRange>;

/** The kernel's address space at one moment. */
export interface AddressSpaceDump {
  /** By address. */
  readonly areas: readonly DumpedArea[];
}

/** The parts of a machine that are dumped. */
export interface Dumpable {
  readonly hardware: Hardware;
  readonly pkmap: { count(slot: number): number };
  readonly live: Iterable<Window>;
  /** Returns the name of the task whose entries a CPU's slots hold, and the number of them. */
  readonly taskOn: (cpu: number) => { readonly name: string; readonly idx: number };
  /** Returns whether a CPU's slots hold the entries of the context that made a window. */
  readonly isOnCpu: (window: Window) => boolean;
}

/** Dumps the page table of a machine. */
export function dumpAddresses(machine: Dumpable): AddressSpaceDump {
  const { addresses } = machine.hardware;
  const { pageOffset, directEnd, vmallocStart, vmallocPages, pkmapBase, pkmapSlots } = addresses;
  const holders = new Holders(machine);
  const areas: readonly DumpedArea[] = [
    { name: 'linear', marker: 'Kernel Mapping', start: pageOffset, end: directEnd, ranges: linear(machine) },
    {
      name: 'vmalloc',
      marker: 'vmalloc() Area',
      start: vmallocStart,
      end: addresses.vmalloc(vmallocPages),
      ranges: vmalloc(machine, holders),
    },
    {
      name: 'pkmap',
      marker: 'Persistent kmap() Area',
      start: pkmapBase,
      end: addresses.pkmap(pkmapSlots),
      ranges: pkmap(machine, holders),
    },
    {
      name: 'fixmap',
      marker: 'Fixmap Area',
      start: addresses.local(addresses.localSlots - 1),
      end: addresses.local(-1),
      ranges: fixmap(machine, holders),
    },
  ];
  return { areas: [...areas].sort((a, b) => a.start - b.start) };
}

function linear({ hardware: { memory, addresses } }: Dumpable): readonly DumpedRange[] {
  return memory.zones
    .filter(({ kind, pages, firstPfn }) => kind !== 'unmappable' && pages > 0 && firstPfn < memory.directEnd)
    .map((zone) => ({
      start: addresses.direct(zone.firstPfn),
      end: addresses.direct(zone.firstPfn + zone.pages),
      pages: zone.pages,
      firstPfn: toPfn(zone.firstPfn),
      ...memoryOf(zone),
      holders: [],
    }));
}

function vmalloc({ hardware }: Dumpable, holders: Holders): readonly DumpedRange[] {
  const { addresses } = hardware;
  return runsOf(hardware, 'vmalloc', (page) => holders.of('vmalloc', page)).map((run) => ({
    start: addresses.vmalloc(run.first),
    end: addresses.vmalloc(run.first + run.pages),
    ...mapped(run),
  }));
}

function pkmap({ hardware, pkmap: pool }: Dumpable, holders: Holders): readonly DumpedPoolRange[] {
  const { addresses } = hardware;
  const isLike = (a: number, b: number): boolean => pool.count(a) === pool.count(b);
  return runsOf(hardware, 'pkmap', (slot) => holders.of('pkmap', slot), isLike).map((run) => ({
    start: addresses.pkmap(run.first),
    end: addresses.pkmap(run.first + run.pages),
    ...mapped(run),
    slot: run.first,
    count: pool.count(run.first),
  }));
}

/** Every slot by itself: which CPU's it is, and at which height of the stack, says more than a run. */
function fixmap(machine: Dumpable, holders: Holders): readonly DumpedLocalRange[] {
  const { hardware } = machine;
  const { addresses, config } = hardware;
  const isLike = (): boolean => false;
  const runs = runsOf(hardware, 'local', (slot) => holders.of('local', slot), isLike).map((run) => {
    const start = addresses.local(run.first);
    const cpu = cpuId(Math.floor(run.first / config.kmMaxIdx));
    const index = run.first % config.kmMaxIdx;
    const { name, idx } = machine.taskOn(cpu);
    const known = run.holders.length > 0 || config.mode === 'checked' || index >= idx;
    const user = known ? run.holders : [{ name, mechanism: undefined }];
    const end = addresses.local(run.first - 1);
    return { start, end, ...mapped({ ...run, holders: user }), cpu, index };
  });
  // The slots lie in the address space from the highest to the lowest.
  return runs.reverse();
}

/** Pages of an area that follow each other, as their frames do. */
interface Run {
  readonly first: number;
  readonly pages: number;
  readonly frame: number;
  readonly zone: Zone | undefined;
  readonly holders: readonly DumpedHolder[];
}

/** The runs of an area. `isLike` says whether a page may follow another in a run. */
function runsOf(
  { pageTable, memory }: Hardware,
  area: AreaName,
  holdersOf: (index: number) => readonly DumpedHolder[],
  isLike: (a: number, b: number) => boolean = () => true,
): Run[] {
  const runs: Run[] = [];
  let last: Run | undefined;
  for (const [index, frame] of pageTable.mappedIn(area)) {
    const zone = memory.zoneOf(frame);
    const holders = holdersOf(index);
    const goesOn =
      last !== undefined &&
      index === last.first + last.pages &&
      frame === last.frame + last.pages &&
      zone === last.zone &&
      isLike(last.first, index) &&
      areSame(last.holders, holders);
    if (goesOn && last !== undefined) {
      last = { ...last, pages: last.pages + 1 };
      runs[runs.length - 1] = last;
    } else {
      last = { first: index, pages: 1, frame, zone, holders };
      runs.push(last);
    }
  }
  return runs;
}

function areSame(a: readonly DumpedHolder[], b: readonly DumpedHolder[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, mechanism }, i) => name === b[i]?.name && mechanism === b[i].mechanism)
  );
}

type Mapped = Omit<DumpedRange, 'start' | 'end'>;

function mapped({ pages, frame, zone, holders }: Run): Mapped {
  return { pages, firstPfn: toPfn(frame), ...memoryOf(zone), holders };
}

function memoryOf(zone: Zone | undefined): Pick<DumpedRange, 'kind' | 'device' | 'access'> {
  return {
    kind: zone?.kind,
    device: zone?.region?.name,
    access: zone?.kind === 'protected' ? 'with key' : 'read-write',
  };
}

/** The live mappings of a machine, by the page of the area in which they lie. */
class Holders {
  readonly #byPage: Readonly<Record<AreaName, Map<number, DumpedHolder[]>>> = {
    local: new Map<number, DumpedHolder[]>(),
    pkmap: new Map<number, DumpedHolder[]>(),
    vmalloc: new Map<number, DumpedHolder[]>(),
  };

  constructor({ live, hardware: { pageTable }, isOnCpu }: Dumpable) {
    for (const window of live) {
      const { area, slot } = window;
      if (area === 'direct' || area === 'user') continue;
      // A task that has been switched out keeps its local maps, but they are not in the page table.
      if (area === 'local' && !isOnCpu(window)) continue;
      const holder = { name: window.owner.name, mechanism: window.mechanism };
      for (const [i, page] of (window.pages ?? [window.page]).entries()) {
        if (pageTable.entry({ area, index: slot + i }) !== page.pfn) continue;
        const known = this.#byPage[area].get(slot + i);
        if (known === undefined) this.#byPage[area].set(slot + i, [holder]);
        else known.push(holder);
      }
    }
  }

  of(area: AreaName, index: number): readonly DumpedHolder[] {
    return this.#byPage[area].get(index) ?? [];
  }
}
