import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine } from 'scatterlist';
import type { IoWidth, Mapping } from 'scatterlist/machine';
import { mapIo } from '../../../lib/kernel/device/io-mapping.ts';
import { violationOf } from '../violations.ts';

describe('IoWindow', () => {
  interface Access {
    readonly at: number;
    readonly width: IoWidth;
    readonly value?: bigint;
  }

  function device(widths?: readonly IoWidth[]): { m: Mapping; seen: Access[]; machine: Machine } {
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

  it('carries each byte to its place, whatever the widths of the region', () => {
    for (const widths of [[1, 2, 4, 8], [1, 4], [1]] as const) {
      const machine = createMachine();
      const registers = Uint8Array.from({ length: machine.pageSize }, (_, i) => i * 7 + 1);
      const [page] = machine.ioRegion(1, {
        name: 'storage',
        widths,
        handlers: {
          read: (at, width) =>
            registers.subarray(at, at + width).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n),
          write: (at, width, value) => {
            for (let i = 0; i < width; i += 1) registers[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
          },
        },
      });
      const m = mapIo(machine.task(), page!, 8, 64);
      const before = registers.slice();
      for (const [offset, length] of [
        [0, 64],
        [3, 7],
        [5, 21],
        [63, 1],
        [4, 0],
      ] as const) {
        const bytes = new Uint8Array(length);
        m.copyTo(bytes, offset);
        expect(bytes).to.deep.equal(before.slice(8 + offset, 8 + offset + length));
        const given = bytes.map((byte) => byte ^ 0x5a);
        m.copyFrom(given, offset);
        const expected = before.slice();
        expected.set(given, 8 + offset);
        expect(registers).to.deep.equal(expected);
        m.fill(0x1c3, offset, length);
        expected.fill(0xc3, 8 + offset, 8 + offset + length);
        expect(registers).to.deep.equal(expected);
        registers.set(before);
      }
    }
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
