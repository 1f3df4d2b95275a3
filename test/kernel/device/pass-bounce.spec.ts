import { expect } from 'chai';
import fc from 'fast-check';
import {
  createMachine,
  sgAllocTable,
  sgAllocTableFromPages,
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgNext,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgSetPage,
} from 'scatterlist';
import type { MemoryKind, Page } from 'scatterlist';
import { ioAccess, iomemBounce } from 'scatterlist/backends';
import { BouncePool, kmapLocalPage } from 'scatterlist/machine';
import type { BouncePolicy } from 'scatterlist/machine';
import { DEFAULT_BOUNCE_POLICY, passBounce } from '../../../lib/kernel/device/bounce.ts';
import type { PieceRange } from '../../../lib/kernel/parts/piece-range.ts';
import { PAGE, piecesFixture, spanOf } from '../../scatterlist/copy/pieces-fixture.ts';

const PAGES = 12;

interface Entry {
  readonly page: number;
  readonly offset: number;
  readonly length: number;
  readonly ram: boolean;
}

const entry = fc.record({
  page: fc.nat(PAGES - 3),
  offset: fc.oneof(fc.constant(0), fc.nat(PAGE - 1)),
  length: fc.oneof(fc.constant(0), fc.constant(PAGE), fc.nat(2 * PAGE)),
  ram: fc.boolean(),
});

const anyJob = fc.record({
  entries: fc.array(entry, { minLength: 1, maxLength: 6 }),
  skipBytes: fc.oneof(fc.constant(0), fc.nat(5000)),
  lengthBytes: fc.nat(20_000),
  toBuffer: fc.boolean(),
  heldBytes: fc.constantFrom(0, 0, 2048, 7 * 2048),
  bounceSlots: fc.constantFrom(1, 8, 32),
  isShared: fc.boolean(),
  overDevice: fc.nat(4).map((n) => n === 0),
  policy: fc.oneof(
    fc.constant(DEFAULT_BOUNCE_POLICY),
    fc.record<BouncePolicy>({
      prefill: fc.constantFrom('copy', 'zero', 'none'),
      writeBack: fc.constantFrom('all', 'touched', 'length'),
      sync: fc.constantFrom('onUnmap', 'explicit'),
    }),
  ),
});

describe('passBounce', () => {
  it('cannot be told from bouncing each page', () => {
    fc.assert(
      fc.property(anyJob, (how) => {
        const outcomes = [false, true].map((trace) => outcomeOf(how, trace));
        expect(outcomes[0]).to.deep.equal(outcomes[1]);
      }),
      { numRuns: 400 },
    );
  });

  it('makes both copies with the device, and counts them', () => {
    const { machine, task, span } = piecesFixture('lowmem', { bounceSlots: 8 });
    const device = machine.ioRegion(4);
    device.forEach((page, i) => machine.physical(page).fill(i + 1));
    const pool = new BouncePool(machine);
    const all = spanOf(device.map((page) => [page, 8, 100]));
    expect(passBounce(task, pool, DEFAULT_BOUNCE_POLICY, all)).to.equal(4);
    const counted = (): readonly number[] => {
      const { maps, unmaps, pteWrites, bytesBounced, deviceAccesses } = machine.ledger;
      return [maps, unmaps, pteWrites, bytesBounced, deviceAccesses];
    };
    expect(counted()).to.deep.equal([12, 12, 16, 800, 200]);
    expect(device.map((page) => machine.physical(page)[8])).to.deep.equal([1, 2, 3, 4]);
    const part = { ...all, skipBytes: 90, cutBytes: 95, end: 2 };
    const zeroed: BouncePolicy = { ...DEFAULT_BOUNCE_POLICY, prefill: 'zero', writeBack: 'length' };
    expect(passBounce(task, pool, zeroed, part)).to.equal(2);
    expect(counted()).to.deep.equal([16, 16, 20, 815, 205]);
    const [first, second] = device.map((page) => machine.physical(page));
    expect([first![97], first![98], first![107], first![108]]).to.deep.equal([1, 0, 0, 1]);
    expect([second![7], second![8], second![12], second![13]]).to.deep.equal([2, 0, 0, 2]);
    expect(passBounce(task, pool, DEFAULT_BOUNCE_POLICY, span())).to.equal(0);
  });

  it('stops at a piece that has no storage, and where the pool is full', () => {
    const { machine, task, pages } = piecesFixture('lowmem', { bounceSlots: 8 });
    const pool = new BouncePool(machine);
    const device = machine.ioRegion(2);
    const mixed = spanOf([device[0], device[1], pages[0], device[0]].map((page) => [page, 0, 8]));
    expect(passBounce(task, pool, DEFAULT_BOUNCE_POLICY, mixed)).to.equal(2);
    expect(pool.slotsInUse).to.equal(0);
    const long = spanOf([
      [device[0], 0, 8],
      [device[0], 0, PAGE],
      [device[1], 0, 8],
    ]);
    pool.take(7 * 2048);
    expect(passBounce(task, pool, DEFAULT_BOUNCE_POLICY, long)).to.equal(1);
  });

  for (const isShared of [false, true]) {
    it(`leaves in each run what went through it, ${isShared ? 'for others' : 'for the same backend'}`, () => {
      const machine = createMachine({ mode: 'direct', bounceSlots: 8 });
      const task = machine.task('copier');
      const made = sgAllocTableFromPages(machine.ioRegion(4), { size: 4 * PAGE });
      if (!made.ok) throw new Error(made.error.code);
      const pool = new BouncePool(machine);
      const leaky = iomemBounce(task, { prefill: 'none', sync: 'explicit', ...(isShared ? { pool } : {}) });
      const source = Uint8Array.from({ length: 4 * PAGE }, (_, i) => 1 + (i >> 12));
      void sgCopyFromBuffer(made.value, source, isShared ? iomemBounce(task, { pool }) : leaky);
      const found = new Uint8Array(4 * PAGE);
      void sgCopyToBuffer(made.value, found, leaky);
      expect(Buffer.compare(found, source)).to.equal(0);
      if (!isShared) return;
      source.forEach((_, i) => (source[i] = 10 + (i >> 12)));
      void sgCopyFromBuffer(made.value, source, ioAccess(task));
      void sgCopyToBuffer(made.value, new Uint8Array(4 * PAGE), iomemBounce(task, { pool }));
      void sgCopyToBuffer(made.value, found, leaky);
      expect(Buffer.compare(found, source)).to.equal(0);
    });
  }

  it('passes no registers, nothing that is not filled and written back as a whole, and nothing without a slot', () => {
    const { machine, task } = piecesFixture('lowmem', { kmMaxIdx: 2 });
    const handlers = { read: () => 0n, write: () => undefined };
    const registers = machine.ioRegion(4, { handlers });
    const storage = machine.ioRegion(4);
    const pool = new BouncePool(machine);
    const rangeOf = (pages: readonly Page[]): PieceRange => spanOf(pages.map((page) => [page, 0, PAGE]));
    const over = (pages: readonly Page[], policy: Partial<BouncePolicy> = {}): number =>
      passBounce(task, pool, { ...DEFAULT_BOUNCE_POLICY, ...policy }, rangeOf(pages));
    expect(over(registers)).to.equal(0);
    expect(over(storage, { writeBack: 'touched' })).to.equal(0);
    expect(over(storage, { sync: 'explicit' })).to.equal(0);
    expect(over(storage, { prefill: 'none' })).to.equal(0);
    expect(over(storage)).to.equal(4);
    kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    expect(over(storage)).to.equal(0);
    const checked = piecesFixture('lowmem', { mode: 'checked' });
    expect(checked.machine.watch.isIdle).to.equal(true);
    const stored = rangeOf(checked.machine.ioRegion(1));
    const own = new BouncePool(checked.machine);
    expect(passBounce(checked.task, own, DEFAULT_BOUNCE_POLICY, stored)).to.equal(0);
  });
});

function outcomeOf(
  {
    entries,
    skipBytes,
    lengthBytes,
    toBuffer,
    heldBytes,
    bounceSlots,
    isShared,
    overDevice,
    policy,
  }: typeof anyJob extends fc.Arbitrary<infer T> ? T : never,
  trace: boolean,
): unknown {
  const machine = createMachine({ mode: 'direct', bounceSlots, trace });
  expect(machine.watch.isOff).to.equal(!trace);
  const task = machine.task('copier');
  const pool = new BouncePool(machine);
  for (let slot = 0; slot < bounceSlots; slot += 1) {
    const run = pool.take(1);
    run!.bytes.fill(100 + slot);
    pool.give(run!);
  }
  if (heldBytes > 0) pool.take(heldBytes);
  const device = machine.ioRegion(PAGES);
  const ram = machine.allocPages(PAGES, { zone: 'highmem' });
  for (const [i, page] of [...device, ...ram].entries())
    machine.physical(page).forEach((_, at, bytes) => (bytes[at] = i * 31 + at));
  const made = sgAllocTable<MemoryKind>(entries.length);
  if (!made.ok) throw new Error(made.error.code);
  let sg = made.value.sgl;
  for (const { page, offset, length, ram: isRam } of entries as readonly Entry[]) {
    sgSetPage(sg!, (isRam ? ram : device)[page]!, length, offset);
    sg = sgNext(sg!);
  }
  const buffer = overDevice
    ? machine.physical(device[1]!).subarray(0, lengthBytes)
    : Uint8Array.from({ length: lengthBytes }, (_, i) => (i * 37) ^ (i >> 3));
  const copy = toBuffer ? sgPcopyToBuffer : sgPcopyFromBuffer;
  const backend = iomemBounce(task, isShared ? { pool, ...policy } : policy);
  const answers = [1, 2].map(() => copy<typeof backend, MemoryKind>(made.value, buffer, backend, skipBytes));
  // Whoever shares a pool and does not fill the buffers finds what others left there.
  const left = new Uint8Array(8 * PAGE);
  const leaky = iomemBounce(task, { pool, prefill: 'none', sync: 'explicit' });
  void sgPcopyToBuffer<typeof leaky, MemoryKind>(made.value, left, leaky, 0);
  return {
    answers,
    bytes: Buffer.concat([
      buffer,
      left,
      ...[...device, ...ram].map((page) => machine.physical(page)),
    ]).toString('latin1'),
    ledger: machine.ledger,
    state: task.state(),
    idx: task.localMaps.idx,
    live: machine.liveMappings,
    slotsInUse: pool.slotsInUse,
    next: pool.take(1)?.firstSlot,
  };
}
