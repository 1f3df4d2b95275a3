import { expect } from 'chai';
import { eventText } from '../../../lib/explore/report/event-text.ts';
import type { TraceEvent } from '../../../lib/machine/trace.ts';

const by = { name: 'one', cpu: 0 };
const mapping = {
  by,
  mechanism: 'kmap',
  pool: undefined,
  isAtomic: false,
  pfn: 64,
  vaddr: 4096,
  serial: 1,
  site: undefined,
};
const dma = {
  event: 'dma',
  device: 'card',
  direction: 'toDevice',
  address: 4096,
  lengthBytes: 512,
  frames: [64],
} as const;

/** An event of every kind; the type asks for each. */
const ONE_OF_EACH: Readonly<Record<TraceEvent['event'], TraceEvent>> = {
  map: { ...mapping, event: 'map', slot: 2 },
  unmap: { ...mapping, event: 'unmap', slot: undefined },
  'unmap-astray': { event: 'unmap-astray', by, vaddr: 4096 },
  'access-astray': { event: 'access-astray', by, vaddr: 4096 },
  'user-map': { event: 'user-map', space: 'mm', index: 2 },
  'cpu-look': { event: 'cpu-look', by },
  'user-look': { event: 'user-look', by, space: 'mm', index: 2, isPresent: false, isHandled: true },
  'local-set': { event: 'local-set', slot: 1, pfn: 64 },
  'local-clear': { event: 'local-clear', slot: 1 },
  'pkmap-set': { event: 'pkmap-set', slot: 1, pfn: 64 },
  'pkmap-clear': { event: 'pkmap-clear', slot: 1 },
  'flush-page': { event: 'flush-page', cpu: 1, vaddr: 4096 },
  'flush-range': { event: 'flush-range', from: 0, to: 1 },
  'flush-cache-kmaps': { event: 'flush-cache-kmaps' },
  'flush-dcache-page': { event: 'flush-dcache-page', pfn: 64 },
  dcache: { event: 'dcache', pfn: 64, colour: 1 },
  load: { event: 'load', by, pfn: 64, offset: 3, lengthBytes: 8, serial: 1 },
  store: { event: 'store', by, pfn: 64, offset: 3, lengthBytes: 9, serial: 1 },
  'io-read': { event: 'io-read', by, region: 'regs', offset: 16, width: 4 },
  'io-write': { event: 'io-write', by, region: 'regs', offset: 16, width: 4 },
  switch: { event: 'switch', cpu: 0, from: 'one', to: 'two' },
  'irq-enter': { event: 'irq-enter', by, kind: 'nmi' },
  'irq-exit': { event: 'irq-exit', by, kind: 'nmi' },
  sleep: { event: 'sleep', by, on: 'q' },
  'may-sleep': { event: 'may-sleep', by, what: 'vmalloc' },
  wake: { event: 'wake', by, on: 'q' },
  'bounce-map': { event: 'bounce-map', by, slot: 3, lengthBytes: 1 },
  'bounce-unmap': { event: 'bounce-unmap', by, slot: 3, lengthBytes: 1 },
  'bounce-sync': { event: 'bounce-sync', by, slot: 3, lengthBytes: 1 },
  dma: { ...dma, verb: 'map' },
  key: { event: 'key', by, granted: true },
  refused: { event: 'refused', what: 'queue m' },
  alloc: { event: 'alloc', pfn: 64 },
  free: { event: 'free', pfn: 64 },
  physical: { event: 'physical', pfn: 64 },
  bytes: { event: 'bytes', pfn: 64 },
  acquire: { event: 'acquire', by, lock: 'm' },
  release: { event: 'release', by, lock: 'm' },
  atomic: { event: 'atomic', by, name: 'n', id: 1, verb: 'exchange', before: 1, value: 2, isWrite: true },
  choose: { event: 'choose', by, value: 1, count: 3 },
  note: { event: 'note', by, text: 'a note' },
  counts: { event: 'counts', by, now: { preempt: 1, pagefault: 0 } },
  'shared-write': { event: 'shared-write', by, place: 'ring.head', value: '1' },
  changed: { event: 'changed', by, pfn: 64, offset: 3, lengthBytes: 4 },
  interrupted: { event: 'interrupted', by, where: 'kmap_local' },
  violation: { event: 'violation', rule: 'leak', what: '' },
};

describe('eventText', () => {
  it('has a text of its own for each kind of event', () => {
    expect(Object.values(ONE_OF_EACH).map(({ event }) => event)).to.deep.equal(Object.keys(ONE_OF_EACH));
    const texts = Object.values(ONE_OF_EACH).map((event) => eventText(event));
    expect(texts).to.deep.equal([
      'map 0x40 slot 2 (kmap)',
      'unmap 0x40',
      'unmap of 0x1000, which no map covers',
      'access to 0x1000 without a mapping',
      'page 2 of user mm changes',
      'reads the number of its CPU: 0',
      'page 2 of user mm is not present',
      'local slot 1 = 0x40',
      'local slot 1 = -',
      'pool slot 1 = 0x40',
      'pool slot 1 = -',
      'flushes 0x1000 from the TLB of cpu1',
      'flushes every TLB',
      'flushes the cache of all kmaps',
      'flushes the data cache of 0x40',
      'cache lines of 0x40 colour 1 are written back or dropped',
      'load 0x40+3',
      'store 0x40+3 9 bytes',
      'io read regs+0x10',
      'io write regs+0x10',
      'cpu0 switches from one to two',
      'nmi begins',
      'nmi ends',
      'waits for q',
      'calls vmalloc, which may sleep',
      'wakes q',
      'bounce map slot 3',
      'bounce unmap slot 3',
      'bounce sync slot 3',
      'dma map toDevice 512 bytes at 0x1000 (card)',
      'is granted the key',
      'm is taken',
      'alloc 0x40',
      'free 0x40',
      'gets the bytes of 0x40',
      'gets the mapped bytes of 0x40',
      'takes m',
      'gives m',
      'n: 1 becomes 2',
      'chooses 1 of 0 to 2',
      'a note',
      'counts: preempt 1, pagefault 0',
      'ring.head = 1',
      'changes 0x40+3 4 bytes, not by a store',
      'interrupted in kmap_local',
      '✗ leak',
    ]);
    expect(new Set(texts).size).to.equal(texts.length);
  });

  it('says in which direction a DMA goes, and who reads or writes', () => {
    const verbs = ['map', 'unmap', 'sync-for-cpu', 'sync-for-device', 'read', 'write'] as const;
    expect(verbs.map((verb) => eventText({ ...dma, verb }))).to.deep.equal([
      'dma map toDevice 512 bytes at 0x1000 (card)',
      'dma unmap toDevice 512 bytes at 0x1000 (card)',
      'dma sync for cpu toDevice 512 bytes at 0x1000 (card)',
      'dma sync for device toDevice 512 bytes at 0x1000 (card)',
      'card reads 512 bytes at 0x1000 (mapped toDevice)',
      'card writes 512 bytes at 0x1000 (mapped toDevice)',
    ]);
  });

  it('tells apart what one kind of event stands for', () => {
    const texts: readonly (readonly [event: TraceEvent, text: string])[] = [
      [{ event: 'refused', what: 'kmap pool' }, 'kmap pool has none'],
      [{ event: 'key', by, granted: false }, 'gives the key back'],
      [{ event: 'acquire', by, lock: 'irqs of cpu0' }, 'disables irqs of cpu0'],
      [{ event: 'release', by, lock: 'irqs of cpu0' }, 'enables irqs of cpu0'],
      [{ ...ONE_OF_EACH.atomic, isWrite: false } as TraceEvent, 'reads n: 2'],
      [{ ...ONE_OF_EACH.store, lengthBytes: 8 } as TraceEvent, 'store 0x40+3'],
    ];
    for (const [event, text] of texts) expect(eventText(event)).to.equal(text);
  });
});
