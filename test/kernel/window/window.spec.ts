import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine, ViolationError } from 'scatterlist';
import type { Machine, NoMemory, Result } from 'scatterlist';
import { kmapLocalPage, kunmapLocal, pageAddress, vmap } from 'scatterlist/machine';
import type { IoWidth, RamWindow, Window } from 'scatterlist/machine';
import { mapIo } from '../../../lib/kernel/device/io-mapping.ts';
import { violationOf } from '../violations.ts';

const PAGES = 3;

/** A window over three pages, in one buffer or spread over several. */
function window(machine: Machine, layout: 'contiguous' | 'scattered'): RamWindow {
  const mapped = vmap(machine.task('driver'), machine.allocPages(PAGES, { zone: 'highmem', layout }));
  if (!mapped.ok) throw new Error('no window');
  return mapped.value;
}

/** The same in pages that lie in no order in the host's memory, because they were touched in another one. */
function spreadWindow(machine: Machine): RamWindow {
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
  m: Window,
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

  it('blames whoever executes, not the owner', () => {
    const machine = createMachine();
    const m = pageAddress(machine.task('owner'), machine.allocPage({ zone: 'lowmem' }))!;
    machine.enter(machine.task('reader', { cpu: 1 }));
    try {
      m.load8(4096);
      expect.fail('not found');
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
      expect(error.violation.context).to.include({ name: 'reader', cpu: 1 });
      expect(error.violation.mapping?.ownerName).to.equal('owner');
    }
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
    const first = (result: Result<Window, NoMemory>): number | string =>
      result.ok ? result.value.load8(0) : result.error.code;
    expect(first(m.asOk)).to.equal(0);
  });

  it('knows its address, pages and state', () => {
    const machine = createMachine();
    const m = window(machine, 'scattered');
    expect(m.vaddr).to.equal(machine.hardware.addresses.vmalloc(0));
    expect([m.length, m.pageAt(0) === m.page, m.pageAt(2 * 4096) === m.page]).to.deep.equal([
      12288,
      true,
      false,
    ]);
    expect(m.describe()).to.include({ slot: 0, mechanism: 'vmap', ownerName: 'driver', lengthBytes: 12288 });
    expect(m.describe().mappedAt?.file).to.match(/window\.spec\.ts$/);
  });

  it('releases itself at the end of a scope, newest first', () => {
    const machine = createMachine();
    const task = machine.task();
    {
      using a = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      using b = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      expect([a.slot, b.slot, machine.liveMappings]).to.deep.equal([0, 1, 2]);
    }
    expect(machine.liveMappings).to.equal(0);
  });
});

describe('IoWindow', () => {
  interface Access {
    readonly at: number;
    readonly width: IoWidth;
    readonly value?: bigint;
  }

  function device(widths?: readonly IoWidth[]): { m: Window; seen: Access[]; machine: Machine } {
    const machine = createMachine({ trace: true });
    const seen: Access[] = [];
    const [, page] = machine.ioRegion(2, {
      name: 'uart',
      ...(widths && { widths }),
      handlers: {
        read: (at, width) => {
          seen.push({ at, width });
          return 0x1122_3344_5566_7788n & (2n ** BigInt(8 * width) - 1n);
        },
        write: (at, width, value) => void seen.push({ at, width, value }),
      },
    });
    return { m: mapIo(machine.task('driver'), page!, 8, 64), seen, machine };
  }

  it('reaches the device once an access, at its offset in the region and with its width', () => {
    const { m, seen, machine } = device();
    expect([m.load8(0), m.load16(2), m.load32(4), m.load64(8)]).to.deep.equal([
      0x88,
      0x7788,
      0x5566_7788,
      0x1122_3344_5566_7788n,
    ]);
    m.store8(0, 0x1ff);
    m.store64(8, -1n);
    expect(seen).to.deep.equal([
      { at: 4104, width: 1 },
      { at: 4106, width: 2 },
      { at: 4108, width: 4 },
      { at: 4112, width: 8 },
      { at: 4104, width: 1, value: 0xffn },
      { at: 4112, width: 8, value: 2n ** 64n - 1n },
    ]);
    expect(machine.ledger.deviceAccesses).to.equal(6);
  });

  it('shows in the trace as a load or a store of its width, by whoever executes', () => {
    const { m, machine } = device();
    m.store32(4, 1);
    const by = { name: 'driver', cpu: 0 };
    expect(machine.events.slice(-2)).to.deep.equal([
      { event: 'store', by, pfn: m.page.pfn, offset: 12, lengthBytes: 4, serial: m.serial },
      { event: 'io-write', by, region: 'uart', offset: 4108, width: 4 },
    ]);
  });

  it('copies in words where both ends allow, in bytes at the edges', () => {
    const { m, seen } = device();
    m.copyTo(new Uint8Array(7), 3);
    expect(seen.map(({ at, width }) => [at - 4104, width])).to.deep.equal([
      [3, 1],
      [4, 4],
      [8, 1],
      [9, 1],
    ]);
  });

  it('refuses widths, alignments and ends that the region does not have, before the device hears of it', () => {
    const { m, seen } = device([4]);
    for (const access of [() => m.load8(0), () => m.load64(0), () => m.store32(2, 0)])
      expect(violationOf(access)).to.equal('io-width');
    expect(violationOf(() => m.load32(62))).to.equal('page-overrun');
    expect(violationOf(() => m.fill(0, 60, 8))).to.equal('page-overrun');
    expect(seen).to.deep.equal([]);
  });

  it('keeps bytes where the region has no handlers', () => {
    const machine = createMachine();
    const [page] = machine.ioRegion(1);
    const m = mapIo(machine.task(), page!, 104, 50);
    m.copyFrom(Uint8Array.from({ length: 50 }, (_, i) => i));
    m.store32(0, 0x0403_0201);
    m.fill(0xee, 48);
    expect([m.load8(3), m.load16(4), m.load32(44), m.load64(8)]).to.deep.equal([
      4,
      0x0504,
      0x2f2e_2d2c,
      0x0f0e_0d0c_0b0a_0908n,
    ]);
    expect([...machine.physical(page!).subarray(150, 155)]).to.deep.equal([46, 47, 0xee, 0xee, 0]);
    expect(machine.ledger.deviceAccesses).to.equal(13 + 1 + 1 + 4);
  });
});
