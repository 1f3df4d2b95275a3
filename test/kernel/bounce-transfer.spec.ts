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
import { DEFAULT_BOUNCE_POLICY } from '../../lib/kernel/bounce.ts';
import { transferBounce } from '../../lib/kernel/bounce-transfer.ts';
import type { TransferJob } from '../../lib/kernel/transfer.ts';
import { PAGE, segmentsOf, transferFixture } from './transfer-fixture.ts';

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

describe('transferBounce', () => {
  it('cannot be told from bouncing each page', () => {
    fc.assert(
      fc.property(anyJob, (how) => {
        const outcomes = [false, true].map((trace) => outcomeOf(how, trace));
        expect(outcomes[0]).to.deep.equal(outcomes[1]);
      }),
      { numRuns: 400 },
    );
  });

  it('makes both copies with the device, and no more than the policy says', () => {
    const { machine, task, pages, buffer, job } = transferFixture('lowmem');
    const device = machine.ioRegion(4);
    device.forEach((page, i) => machine.physical(page).fill(i + 1));
    const pool = new BouncePool(machine);
    const segments = segmentsOf(device.map((page) => [page, 0, PAGE]));
    const over = (policy: BouncePolicy, parts: Partial<TransferJob> = {}): number =>
      transferBounce(task, { pool, isShared: false }, policy, job({ segments, ...parts }));
    expect(over(DEFAULT_BOUNCE_POLICY)).to.equal(4);
    expect([buffer[0], buffer[3 * PAGE], buffer[4 * PAGE]]).to.deep.equal([1, 4, 0]);
    expect([machine.ledger.maps, machine.ledger.bytesBounced, machine.ledger.deviceAccesses]).to.deep.equal([
      12,
      8 * PAGE,
      2 * PAGE,
    ]);
    const explicit: BouncePolicy = { ...DEFAULT_BOUNCE_POLICY, sync: 'explicit' };
    expect(over(explicit, { toBuffer: false })).to.equal(4);
    expect(machine.physical(device[1]!)[0]).to.equal(2);
    expect(over(DEFAULT_BOUNCE_POLICY, { toBuffer: false, buffer: new Uint8Array(4 * PAGE) })).to.equal(4);
    expect(machine.physical(device[1]!)[0]).to.equal(0);
    expect(transferBounce(task, { pool, isShared: false }, DEFAULT_BOUNCE_POLICY, job())).to.equal(0);
    expect(pages.length).to.equal(4);
  });

  it('moves parts of the first piece and of the last, through a buffer that held something else', () => {
    const { machine, task, buffer, job } = transferFixture('lowmem', { bounceSlots: 1 });
    const device = machine.ioRegion(2);
    const use = { pool: new BouncePool(machine), isShared: false };
    const segments = segmentsOf(device.map((page) => [page, 8, 100]));
    device.forEach((page, i) => machine.physical(page).fill(i + 1));
    const part = { segments, end: 2, skipBytes: 90, cutBytes: 95, bufferOffset: 3 };
    buffer.fill(7, 3, 18);
    expect(transferBounce(task, use, DEFAULT_BOUNCE_POLICY, job({ ...part, toBuffer: false }))).to.equal(2);
    const [first, second] = device.map((page) => machine.physical(page));
    expect([first![97], first![98], first![107], first![108]]).to.deep.equal([1, 7, 7, 1]);
    expect([second![7], second![8], second![12], second![13]]).to.deep.equal([2, 7, 7, 2]);
    buffer.fill(0);
    const zeroed: BouncePolicy = { prefill: 'zero', writeBack: 'all', sync: 'onUnmap' };
    expect(transferBounce(task, use, zeroed, job(part))).to.equal(2);
    // Nothing was read from the device, and what was in the bounce buffer went back to it.
    expect([buffer[3], first![98], second![12], second![13]]).to.deep.equal([0, 0, 0, 2]);
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

  it('leaves registers, looked-for changes and full slots to the path that maps', () => {
    const { machine, task, job } = transferFixture('lowmem', { kmMaxIdx: 2 });
    const handlers = { read: () => 0n, write: () => undefined };
    const registers = machine.ioRegion(4, { handlers });
    const storage = machine.ioRegion(4);
    const pool = new BouncePool(machine);
    const over = (pages: readonly Page[], policy: Partial<BouncePolicy> = {}): number =>
      transferBounce(
        task,
        { pool, isShared: false },
        { ...DEFAULT_BOUNCE_POLICY, ...policy },
        job({ segments: segmentsOf(pages.map((page) => [page, 0, PAGE])) }),
      );
    expect(over(registers)).to.equal(0);
    const checked = transferFixture('lowmem', { mode: 'checked' });
    const stored = segmentsOf(checked.machine.ioRegion(1).map((page) => [page, 0, PAGE]));
    expect(checked.machine.isUnseen).to.equal(true);
    expect(
      transferBounce(
        checked.task,
        { pool: new BouncePool(checked.machine), isShared: false },
        DEFAULT_BOUNCE_POLICY,
        checked.job({ segments: stored, end: 1 }),
      ),
    ).to.equal(0);
    expect(over(storage, { writeBack: 'touched' })).to.equal(0);
    expect(over(storage)).to.equal(4);
    kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    expect(over(storage)).to.equal(0);
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
  expect(machine.isUnwatched).to.equal(!trace);
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
