/**
 * Reads of the machine that leave no event: its counters, tables and lists, and the functions that only look.
 *
 * The explorer does not watch such a read; it looks at the text of the program. If the text names something that can be
 * read so, that part of the machine counts as read by every step, and as written by each step after which it is not what
 * it was. A program that names none pays nothing.
 */
import { Lock } from '../../kernel/locking/lock.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Hash } from '../../base/hash.ts';
import type { Observer } from '../observer.ts';
import { addCache, addStructure } from '../structure.ts';
import type { Machine } from '../../kernel/core/machine.ts';

/** What readers read from. */
interface Readable {
  readonly machine: Machine;
  readonly observer: Observer;
  /** The locks and queues that the program can reach. */
  readonly objects: Iterable<object>;
}

/** One part of the machine that can be read without an event. */
interface Part {
  /** The names by which it is reached; one that ends in `(` counts only where it is called. */
  readonly names: readonly string[];
  /** Adds all that can be read of it to a hash. */
  add(hash: Hash, from: Readable): void;
}

/** The parts of the machine, by name. */
export const PARTS: Readonly<Record<string, Part>> = {
  counts: {
    names: [
      ...[
        'preemptCount',
        'pagefaultDisabled',
        'migrateDisabled',
        'keyGrants',
        'asleepOn',
        'exited',
        'state(',
      ],
      ...['localMaps', 'localWindows', 'localSlots', 'hardirqDepth', 'softirqDepth', 'nmiDepth'],
      ...['irqsDisabled', 'inAtomic', 'inInterrupt', 'maySleep', 'mightSleep', 'localIdxAtEntry'],
      ...['irqsDisabledAtEntry', 'countsAtEntry', 'tasks', 'quietZone', 'tokenZone', 'idx', 'depth'],
    ],
    add: (hash, { machine }) => {
      for (const { hardirqDepth, softirqDepth, nmiDepth, irqsDisabled } of machine.hardware.cpus)
        hash.add(hardirqDepth).add(softirqDepth).add(nmiDepth).add(Number(irqsDisabled));
      for (const task of machine.tasks) {
        hash.addText(task.name).add(task.preemptCount).add(task.pagefaultDisabled).add(task.migrateDisabled);
        hash
          .add(task.keyGrants)
          .addText(task.asleepOn?.name ?? '')
          .add(Number(task.exited));
        hash.add(task.localMaps.idx).add(task.localWindows.length);
        for (const { serial } of task.localWindows) hash.add(serial);
        for (let i = 0; i < task.localMaps.idx; i += 1) hash.add(task.localMaps.entries[i] ?? 0);
      }
    },
  },
  running: {
    names: [
      ...['running(', 'executing', 'interrupted', 'cpuAtEntry', 'switchTo', 'schedule('],
      'dumpAddressSpace',
    ],
    add: (hash, { machine }) => {
      for (const { id } of machine.hardware.cpus) hash.addText(machine.running(id).name);
    },
  },
  places: {
    names: ['cpu', 'actor'],
    add: (hash, { machine }) => {
      for (const task of machine.tasks) hash.add(task.cpu.id);
    },
  },
  memory: {
    names: [
      ...[
        'freePages',
        'longestFreeRun',
        'isFree',
        'isAllocated',
        'isPoisoned',
        'damageOf',
        'frees',
        'owner',
        'touchedPages',
      ],
      ...['backingBytes', 'zones', 'zoneOf', 'endPfn', 'endFor', 'pageAt', 'firstOfKind', 'chunk', 'holds('],
      ...['chunkOffset', 'isOneRun', 'takePages', 'tryAllocPage', 'allocated', 'freed', 'bytesOf'],
    ],
    add: (hash, { machine, observer }) => {
      const { memory } = machine.hardware;
      hash.add(memory.frees).add(memory.touchedPages).add(memory.backingBytes).add(memory.endPfn);
      for (const { kind, isSystemRam } of memory.zones)
        if (isSystemRam) hash.add(memory.freePages(kind)).add(memory.longestFreeRun(kind));
      for (const frame of [...observer.seen.allocated].sort((a, b) => a - b)) hash.add(frame);
      for (let pfn = 0; pfn < memory.endPfn; pfn += 1) {
        const page = memory.zoneOf(pfn)?.isSystemRam === true ? memory.pageAt(pfn) : undefined;
        if (page !== undefined) hash.add(Number(memory.isFree(page))).add(page.chunk === undefined ? 0 : 1);
        if (page?.owner !== undefined) hash.add(page.owner.since).add(Number(page.owner.isPoisoned));
      }
    },
  },
  folios: {
    names: ['folios'],
    add: (hash, { machine }) => {
      machine.folios.addTo(hash);
    },
  },
  errors: {
    names: ['memoryErrors'],
    add: (hash, { machine }) => {
      machine.memoryErrors.addTo(hash);
    },
  },
  tables: {
    names: [
      ...['pageTable', 'tlb', 'pkmap', 'vmalloc', 'slotOf', 'slotsInUse', 'isKmapAddr', 'kmapToPage', 'ptes'],
      ...[
        'virtToPage',
        'pageAddress',
        'pageAddressOf',
        'kmapHighGet',
        'kmapAssertNomap',
        'folioTestPartialKmap',
        'dumpAddressSpace',
        'counts',
      ],
    ],
    add: (hash, { machine }) => {
      const { pageTable, cpus } = machine.hardware;
      for (const table of [pageTable.local, pageTable.pkmap, pageTable.vmalloc])
        for (let i = 0; i < table.pages; i += 1) if (table.get(i) >= 0) hash.add(i).add(table.get(i));
      for (const cpu of cpus) for (const [page, frame] of cpu.tlb.entries()) hash.add(page).add(frame);
      for (const count of machine.pkmap.counts) hash.add(count);
      for (const cursor of machine.pkmap.cursors) hash.add(cursor);
      hash.add(machine.pkmap.flushPasses);
      for (let colour = 0; colour < machine.pkmap.cursors.length; colour += 1)
        addQueue(hash, machine.pkmap.waitQueue(machine.hardware.memory.page(colour)));
      hash.add(machine.vmalloc.freePages).add(machine.vmalloc.largestRunPages);
    },
  },
  // What they say of slots of the kmap pool, the key of a state has where a program names one of them.
  addresses: {
    names: ['vaddr', 'slot', 'addresses', 'AddressSpace'],
    add: () => undefined,
  },
  mappings: {
    names: [
      ...['live', 'liveMappings', 'mappings', 'heldBy', 'newestMappingOf', 'spareWindows', 'serial', 'stamp'],
      ...['guard', 'watch', 'isUnwatched', 'isUnseen', 'spreadArrays', 'describe', 'plainBytes', 'reach'],
      ...['reusable', 'waitsAt', 'stackTop', 'stackBelow', 'mappedAt', 'unmappedAt', 'checkLeaks', 'area'],
      'dumpAddressSpace',
    ],
    add: (hash, { machine }) => {
      hash.add(machine.liveMappings).add(machine.guard?.arrays.length ?? 0);
      hash.add(Number(machine.hardware.spreadArrays.isOut));
      for (const { serial, owner, mechanism, page, pageOffset, lengthBytes, slot } of machine.live) {
        hash.add(serial).addText(owner.name).addText(mechanism);
        hash.add(page.pfn).add(pageOffset).add(lengthBytes).add(slot);
      }
    },
  },
  ledger: {
    names: [
      ...['ledger', 'modelledCycles', 'slotMaps', 'slotUnmaps', 'slotRemaps', 'flushPasses', 'violations'],
      ...['trace', 'events', 'dropped', 'mappingsLookedAt', 'serial', 'stamp'],
    ],
    add: (hash, { machine, observer }) => {
      for (const count of Object.values(machine.ledger)) hash.add(Number(count));
      hash.add(machine.pkmap.flushPasses).add(machine.violations.length);
      addStructure(hash, observer.events);
    },
  },
  devices: {
    names: [
      ...['deviceOwned', 'mappingOf', 'isMapped', 'forbids', 'poolInUse', 'liveMappings', 'mask', 'setMask'],
      ...['maxMappingBytes', 'dmaMaxMappingSize', 'dmaSetMask', 'bouncesLists', 'mappingsLookedAt'],
      ...[
        'freeBytes',
        'slotsInUse',
        'runsInUse',
        'mostBytes',
        'runAt',
        'hasEnded',
        'isErrorChecked',
        'isShared',
      ],
    ],
    add: (hash, { machine, observer }) => {
      hash.add(observer.seen.history.value).add(Number(machine.deviceOwned.isIdle));
      for (const mapping of machine.deviceOwned.mappings) {
        hash.addText(mapping.deviceName).add(mapping.address).add(mapping.lengthBytes);
        hash.add(Number(mapping.hasEnded)).add(Number(mapping.isErrorChecked)).add(Number(mapping.isShared));
      }
    },
  },
  marks: {
    names: ['uninitialised', 'firstIn'],
    add: (hash, { machine }) => {
      for (const [page, marks] of machine.uninitialised.pages) hash.add(page.pfn).addBytes(marks);
    },
  },
  cache: {
    names: ['dataCache', 'isStale', 'memoryIsStale'],
    add: (hash, { machine }) => {
      if (machine.hardware.dataCache !== undefined) addCache(hash, machine.hardware.dataCache);
    },
  },
  locks: {
    names: ['free', 'holders', 'active', 'waiters', 'wakeUps', 'queue', 'waitQueue'],
    add: (hash, { objects }) => {
      for (const object of objects) {
        if (object instanceof Lock) object.addTo(hash.add(Number(object.free)));
        if (object instanceof Lock) addQueue(hash, object.queue);
        if (object instanceof WaitQueue) addQueue(hash, object);
      }
    },
  },
};

function addQueue(hash: Hash, queue: WaitQueue): void {
  hash.add(queue.wakeUps).add(queue.waiters.length);
  for (const waiter of queue.waiters) hash.addText(waiter.name);
}

/** Parts through which a program may learn which slot of the kmap pool a page has. */
export const SHOW_PLACES: readonly string[] = ['addresses', 'tables', 'mappings', 'ledger'];

/** Through these a program reads properties that it does not name. */
const READS_ALL =
  /\b(?:JSON|structuredClone|Reflect\s*\.\s*ownKeys|Object\s*\.\s*(?:entries|values|getOwn))|\bReflect\s*\.\s*get\s*\([^,)]*,\s*[^'"\s]/;

const partsByName = new Map<string, string[]>();
for (const [part, { names }] of Object.entries(PARTS))
  for (const name of names) partsByName.set(name, [...(partsByName.get(name) ?? []), part]);

/** The parts of the machine that a text can read without an event. */
export function partsReadBy(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, name = '', call] of text.matchAll(
    /([A-Za-z_$][\w$]*)(\s*(?:\?\.)?\(|\s*\.\s*(?:call|apply|bind))?/g,
  ))
    for (const word of call === undefined ? [name] : [name, `${name}(`])
      for (const part of partsByName.get(word) ?? []) found.add(part);
  return found;
}

/** The same of the text of a step, which may also read what it does not name. */
export function partsReadByStep(text: string): ReadonlySet<string> {
  return READS_ALL.test(text) ? new Set(Object.keys(PARTS)) : partsReadBy(text);
}
