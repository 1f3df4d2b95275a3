import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { createMachine } from 'scatterlist';
import type { Machine, NoMemory, Result } from 'scatterlist';
import { kmap, kmapLocalPage, kunmapLocal, pageAddress, runAlone, vmap, vunmap } from 'scatterlist/machine';
import type { DirectMapping, Mapping } from 'scatterlist/machine';
import { mapLocal } from '../../../lib/kernel/highmem/kmap-local.ts';
import { openDirect } from '../../../lib/kernel/highmem/page-address.ts';
import { violationOf } from '../violations.ts';

const PAGES = 3;

/** A window over three pages, in one buffer or spread over several. */
function window(machine: Machine, layout: 'contiguous' | 'scattered'): DirectMapping {
  const mapped = vmap(machine.task('driver'), machine.allocPages(PAGES, { zone: 'highmem', layout }));
  if (!mapped.ok) throw new Error('no window');
  return mapped.value;
}

/** The same in pages that lie in no order in the host's memory, because they were touched in another one. */
function spreadWindow(machine: Machine): DirectMapping {
  const pages = machine.allocPages(PAGES, { zone: 'highmem', layout: 'scattered' });
  for (const page of pages.toReversed()) machine.physical(page);
  const mapped = vmap(machine.task('driver'), pages);
  if (!mapped.ok) throw new Error('no window');
  return mapped.value;
}

const SIZE = PAGES * 256;
const within = (width: number) => fc.nat(SIZE - width);
const operations = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('8' as const), within(1), fc.bigInt({ min: 0n, max: 0xffn })),
    fc.tuple(fc.constant('16' as const), within(2), fc.bigInt({ min: 0n, max: 0xffffn })),
    fc.tuple(fc.constant('32' as const), within(4), fc.bigInt({ min: 0n, max: 0xffff_ffffn })),
    fc.tuple(fc.constant('64' as const), within(8), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    fc.tuple(fc.constant('copy' as const), within(0), fc.uint8Array({ maxLength: 300 })),
    fc.tuple(fc.constant('fill' as const), within(0), fc.bigInt({ min: 0n, max: 300n })),
  ),
  { maxLength: 30 },
);

function apply(
  m: Mapping,
  oracle: Uint8Array,
  [kind, at, value]: readonly [string, number, bigint | Uint8Array],
): void {
  const view = new DataView(oracle.buffer);
  if (value instanceof Uint8Array) {
    const part = value.subarray(0, SIZE - at);
    m.copyFrom(part, at);
    oracle.set(part, at);
    const back = new Uint8Array(part.length);
    m.copyTo(back, at);
    expect(back).to.deep.equal(part);
  } else if (kind === '8') {
    m.store8(at, Number(value));
    view.setUint8(at, Number(value));
    expect(m.load8(at)).to.equal(Number(value));
  } else if (kind === '16') {
    m.store16(at, Number(value));
    view.setUint16(at, Number(value), true);
    expect(m.load16(at)).to.equal(Number(value));
  } else if (kind === '32') {
    m.store32(at, Number(value));
    view.setUint32(at, Number(value), true);
    expect(m.load32(at)).to.equal(Number(value));
  } else if (kind === '64') {
    m.store64(at, value);
    view.setBigUint64(at, value, true);
    expect(m.load64(at)).to.equal(value);
  } else {
    const length = Math.min(Number(value), SIZE - at);
    m.fill(0xa5, at, length);
    oracle.fill(0xa5, at, at + length);
  }
}

describe('RamWindow', () => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const layout of ['contiguous', 'scattered'] as const) {
      it(`reads and writes as an array does, ${mode}, over ${layout} pages`, () => {
        fc.assert(
          fc.property(operations, (script) => {
            const machine = createMachine({ mode, pageSize: 256 });
            const m = window(machine, layout);
            const oracle = new Uint8Array(SIZE);
            for (const operation of script) apply(m, oracle, operation);
            const all = new Uint8Array(SIZE);
            m.copyTo(all);
            expect(all).to.deep.equal(oracle);
            expect(m.bytes).to.deep.equal(oracle);
          }),
          { numRuns: 40 },
        );
      });
    }

    it(`wraps values as stores do, ${mode}`, () => {
      const machine = createMachine({ mode });
      const m = kmapLocalPage(machine.task(), machine.allocPage({ zone: 'highmem' }));
      m.store8(0, 0x1ff);
      m.store16(2, -2);
      m.store32(4, -1);
      m.store64(8, -3n);
      expect([m.load8(0), m.load16(2), m.load32(4), m.load64(8)]).to.deep.equal([
        0xff,
        0xfffe,
        0xffff_ffff,
        2n ** 64n - 3n,
      ]);
    });

    it(`refuses every access that leaves it and writes nothing, ${mode}`, () => {
      const machine = createMachine({ mode });
      const page = machine.allocPage({ zone: 'highmem' });
      const m = kmapLocalPage(machine.task(), page);
      const accesses: readonly (() => unknown)[] = [
        () => m.load8(-1),
        () => m.load8(4096),
        () => m.load16(4095),
        () => m.load32(4093),
        () => m.load64(4089),
        () => m.store8(4096, 1),
        () => m.store16(4095, 0xffff),
        () => m.store32(4093, 0xffff_ffff),
        () => m.store64(4089, -1n),
        () => m.copyTo(new Uint8Array(2), 4095),
        () => m.copyFrom(new Uint8Array([1, 1]), 4095),
        () => m.fill(1, 0, 4097),
        () => m.fill(1, 4097),
      ];
      for (const access of accesses) expect(violationOf(access)).to.equal('page-overrun');
      expect(machine.physical(page).every((byte) => byte === 0)).to.equal(true);
    });

    it(`refuses every access after its release, ${mode}`, () => {
      const machine = createMachine({ mode });
      const task = machine.task();
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      kunmapLocal(task, m);
      const accesses: readonly (() => unknown)[] = [
        () => m.load8(0),
        () => m.load64(0),
        () => m.store32(0, 1),
        () => m.copyTo(new Uint8Array(0)),
        () => m.fill(0),
        () => m.bytes,
      ];
      for (const access of accesses) expect(violationOf(access)).to.equal('use-after-unmap');
    });
  }

  for (const mode of ['direct', 'checked'] as const)
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
    ])
      it(`moves bytes onto themselves as memmove does, ${mode}, pages first touched in the order ${order.join()}`, () => {
        for (const [from, length, inBuffer] of [
          [10, 600, 300],
          [300, 400, 0],
          [0, SIZE, 5],
          [200, 256, 199],
        ] as const)
          for (const toBuffer of [true, false]) {
            const machine = createMachine({ mode, pageSize: 256 });
            const pages = machine.allocPages(PAGES, { zone: 'highmem' });
            for (const i of order)
              machine.physical(pages[i]!).forEach((_, at, bytes) => (bytes[at] = at * 7 + i));
            const mapped = vmap(machine.task('driver'), pages);
            if (!mapped.ok) throw new Error('no window');
            // A buffer that lies over all three pages, as the host has them.
            const { buffer, byteOffset } = machine.physical(pages[order[0]!]!);
            const host = new Uint8Array(buffer, byteOffset, SIZE);
            const bytes = host.subarray(inBuffer, Math.min(SIZE, inBuffer + Math.min(length, SIZE - from)));
            const source = toBuffer
              ? Array.from({ length: bytes.length }, (_, i) => mapped.value.load8(from + i))
              : [...bytes];
            if (toBuffer) mapped.value.copyTo(bytes, from);
            else mapped.value.copyFrom(bytes, from);
            const target = toBuffer
              ? [...bytes]
              : Array.from({ length: bytes.length }, (_, i) => mapped.value.load8(from + i));
            expect(target).to.deep.equal(source);
          }
      });

  it('is all of the next mapping where a direct machine uses it again: page, offset and length', () => {
    const machine = createMachine({ mode: 'direct' });
    const task = machine.task();
    const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
    for (const page of pages.toReversed())
      machine.physical(page).forEach((_, i, bytes) => (bytes[i] = i + page.pfn));
    for (const [which, offset, length] of [
      [0, 0, 4096],
      [0, 0, 100],
      [0, 8, 100],
      [0, 8, 40],
      [1, 8, 40],
      [2, 0, 1],
      [2, 4095, 1],
      [1, 0, 4096],
    ] as const) {
      const page = pages[which]!;
      const m = mapLocal(task, page, offset, length);
      expect([m.page, m.pageOffset, m.length, m.bytes.length]).to.deep.equal([page, offset, length, length]);
      const seen = new Uint8Array(length);
      m.copyTo(seen);
      expect(seen).to.deep.equal(machine.physical(page).slice(offset, offset + length));
      expect(violationOf(() => m.load8(length))).to.equal('page-overrun');
      m.fill(m.load8(0));
      expect(machine.physical(page)[offset + length]).to.equal(
        offset + length < 4096 ? (offset + length + page.pfn) & 0xff : undefined,
      );
      machine.physical(page).forEach((_, i, bytes) => (bytes[i] = i + page.pfn));
      kunmapLocal(task, m);
    }
  });

  describe('at its last byte', () => {
    const FROM = 100;
    const LENGTH = 50;
    const widths = [
      [
        1,
        (m: Mapping, at: number) => BigInt(m.load8(at)),
        (m: Mapping, at: number, v: bigint) => void m.store8(at, Number(v)),
      ],
      [
        2,
        (m: Mapping, at: number) => BigInt(m.load16(at)),
        (m: Mapping, at: number, v: bigint) => void m.store16(at, Number(v)),
      ],
      [
        4,
        (m: Mapping, at: number) => BigInt(m.load32(at)),
        (m: Mapping, at: number, v: bigint) => void m.store32(at, Number(v)),
      ],
      [
        8,
        (m: Mapping, at: number) => m.load64(at),
        (m: Mapping, at: number, v: bigint) => void m.store64(at, v),
      ],
    ] as const;
    const VALUE = 0x8796_a5b4_c3d2_e1f0n;

    for (const mode of ['direct', 'checked'] as const)
      for (const [width, load, store] of widths) {
        it(`takes ${String(width)} bytes that end with it, and none beyond, ${mode}`, () => {
          const machine = createMachine({ mode });
          const page = machine.allocPage({ zone: 'lowmem' });
          const m = openDirect(machine.task(), page, FROM, LENGTH)!;
          const value = BigInt.asUintN(8 * width, VALUE);
          const at = LENGTH - width;
          store(m, at, value);
          expect(load(m, at)).to.equal(value);
          const bytes = machine.physical(page);
          expect([...bytes.subarray(FROM + at, FROM + LENGTH)]).to.deep.equal(
            Array.from({ length: width }, (_, i) => Number((VALUE >> BigInt(8 * i)) & 0xffn)),
          );
          expect([bytes[FROM + at - 1], bytes[FROM + LENGTH]]).to.deep.equal([0, 0]);
          for (const beyond of [at + 1, LENGTH, LENGTH + 1, -1]) {
            expect(violationOf(() => load(m, beyond))).to.equal('page-overrun');
            expect(violationOf(() => store(m, beyond, 0n))).to.equal('page-overrun');
          }
          expect(load(m, at)).to.equal(value);
        });
      }

    // The short path asks memory for no page; an access that took the long way would.
    it('is as near as its first on a direct machine', () => {
      const machine = createMachine({ mode: 'direct' });
      const page = machine.allocPage({ zone: 'lowmem' });
      const m = openDirect(machine.task(), page, FROM, LENGTH)!;
      const touch = sinon.spy(machine.hardware.memory, 'touch');
      for (const [width, load, store] of widths)
        for (const at of [0, LENGTH - width]) {
          store(m, at, 1n);
          expect(load(m, at)).to.equal(1n);
        }
      for (const length of [0, 1, 7, LENGTH]) {
        m.copyFrom(new Uint8Array(length), LENGTH - length);
        m.copyTo(new Uint8Array(length), LENGTH - length);
        m.fill(3, LENGTH - length, length);
      }
      expect(touch.callCount).to.equal(0);
    });
  });

  it('is one access of eight bytes in the trace, by whoever executes', () => {
    const machine = createMachine({ trace: true });
    const page = machine.allocPage({ zone: 'lowmem' });
    const m = pageAddress(machine.task('owner'), page)!;
    machine.enter(machine.task('reader', { cpu: 1 }));
    m.load64(16);
    m.store64(24, 1n);
    const by = { name: 'reader', cpu: 1 };
    const { pfn } = page;
    const { serial } = m;
    expect(machine.events.slice(-2)).to.deep.equal([
      { event: 'load', by, pfn, offset: 16, lengthBytes: 8, serial },
      { event: 'store', by, pfn, offset: 24, lengthBytes: 8, serial },
    ]);
  });

  it('is memory itself on a direct machine, where its pages lie in one buffer', () => {
    const machine = createMachine({ mode: 'direct' });
    const page = machine.allocPage({ zone: 'highmem' });
    const m = kmapLocalPage(machine.task(), page);
    m.bytes[9] = 3;
    expect([m.load8(9), machine.physical(page)[9]]).to.deep.equal([3, 3]);
  });

  it('is memory itself on a direct machine also while an array over spread pages is out', () => {
    const machine = createMachine({ mode: 'direct' });
    const spread = spreadWindow(machine);
    expect(spread.bytes.length).to.equal(PAGES * 4096);
    const page = machine.allocPage({ zone: 'highmem' });
    const m = kmapLocalPage(machine.task(), page);
    m.bytes[9] = 3;
    expect([m.bytes.length, m.load8(9), machine.physical(page)[9]]).to.deep.equal([4096, 3, 3]);
  });

  for (const mode of ['direct', 'checked'] as const)
    it(`accesses of a window that is older than an array over spread pages meet the array: ${mode}`, () => {
      const machine = createMachine({ mode });
      const task = machine.task();
      const [page, , other] = machine.allocPages(3, { zone: 'lowmem' });
      // Touched in this order, they do not lie one behind the other in the host's memory.
      for (const each of [other!, page!]) machine.physical(each)[0] = 1;
      const [waiting] = machine.allocPages(1, { zone: 'lowmem' });
      kunmapLocal(task, kmapLocalPage(task, waiting!));
      const pooled = runAlone(task, kmap(task, page!));
      if (pooled === undefined) throw new Error('it waits');
      const older: readonly DirectMapping[] = [kmapLocalPage(task, page!), pageAddress(task, page!)!, pooled];
      const spread = vmap(task, [page!, other!]);
      if (!spread.ok) throw new Error('no room');
      const { bytes } = spread.value;
      for (const [i, window] of older.entries()) {
        bytes[i] = 7 + i;
        expect(window.load8(i)).to.equal(7 + i);
        window.store8(10 + i, 9);
        expect(bytes[10 + i]).to.equal(9);
        const out = new Uint8Array(1);
        bytes[20] = i;
        window.copyTo(out, 20);
        expect([...out]).to.deep.equal([i]);
      }
      vunmap(task, spread.value);
      for (const window of older) window.store8(30, 3);
      expect(older.map((window) => window.load8(30))).to.deep.equal([3, 3, 3]);
    });

  it('keeps an array over spread pages in step with memory, both ways, on a direct machine', () => {
    const machine = createMachine({ mode: 'direct' });
    const m = spreadWindow(machine);
    const [first, middle, last] = m.frames().map((page) => machine.physical(page));
    if (!first || !middle || !last) throw new Error('no pages');
    const array = m.bytes;
    middle[5] = 7;
    last[4095] = 8;
    expect([m.load8(4096 + 5), array[4096 + 5], array[3 * 4096 - 1]]).to.deep.equal([7, 7, 8]);
    array[0] = 9;
    array[4096 + 6] = 10;
    expect([m.load8(0), first[0], middle[5], middle[6]]).to.deep.equal([9, 9, 7, 10]);
    middle[5] = 11;
    array[2 * 4096] = 12;
    expect([m.load8(1), array[4096 + 5], last[0]]).to.deep.equal([0, 11, 12]);
  });

  it('is a success, the same one each time, that narrows and opens as any other', () => {
    const m = window(createMachine(), 'contiguous');
    const { ok, value } = m.asOk;
    expect([ok, value === m, m.asOk === m.asOk, 'ok' in m.asOk, 'error' in m.asOk]).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
    ]);
    const first = (result: Result<Mapping, NoMemory>): number | string =>
      result.ok ? result.value.load8(0) : result.error.code;
    expect(first(m.asOk)).to.equal(0);
  });
});
