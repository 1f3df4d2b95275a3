import { expect } from 'chai';
import sinon from 'sinon';
import { createMachine, sgAllocTable, sgSetPage } from 'scatterlist';
import type { Context, Machine, MapBackend, MemoryKind, Page, SgTable } from 'scatterlist';
import {
  faultInjection,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  recorder,
  vmap,
} from 'scatterlist/backends';
import { preemptDisable, preemptEnable } from 'scatterlist/machine';
import { SdCard } from '../../../examples/drivers/mmc/sd-card.ts';
import {
  SDHCI_BUFFER,
  admaTablePost,
  admaTablePre,
  transferPio,
} from '../../../examples/drivers/mmc/sdhci.ts';
import type { MmcData } from '../../../examples/drivers/mmc/sdhci.ts';

type Bind = (context: Context) => MapBackend;
/** Offset in the page run and length of each entry; pages lie in pairs. */
type Shape = readonly (readonly [offset: number, length: number])[];

const SHAPE: Shape = [
  [0, 511],
  [1, 514],
  [2, 1],
  [4093, 2],
  [4095, 1020],
  [4097, 512],
];
const BYTES = 2560;
const FILE = Uint8Array.from({ length: BYTES }, (_, i) => 1 + ((i * 11) % 251));

function setup(zone: MemoryKind = 'highmem', shape: Shape = SHAPE) {
  const machine = createMachine({ protectedPages: 64 });
  const made = sgAllocTable(shape.length);
  if (!made.ok) throw new Error(made.error.code);
  const pairs = shape.map((): readonly Page[] =>
    zone === 'iomem' ? machine.ioRegion(2) : machine.allocPages<MemoryKind>(2, { zone }),
  );
  [...made.value].forEach((sg, i) => {
    const page = pairs[i]?.[0];
    const [offset, length] = shape[i] ?? [0, 0];
    if (page !== undefined) sgSetPage(sg, page, length, offset);
  });
  return { machine, table: made.value, pairs };
}

/** The bytes of the entries, straight from memory; or, given bytes, puts them there. */
function entries(machine: Machine, table: SgTable, put?: Uint8Array): Uint8Array {
  const out = new Uint8Array(table.totalBytes);
  let at = 0;
  for (const sg of table) {
    for (let i = 0; i < sg.length; i += 1, at += 1) {
      const start = sg.offset + i;
      const page = machine.hardware.memory.page((sg.page?.pfn ?? 0) + Math.floor(start / 4096));
      const bytes = machine.physical(page);
      if (put !== undefined) bytes[start % 4096] = put[at] ?? 0;
      out[at] = bytes[start % 4096] ?? 0;
    }
  }
  return out;
}

function adma(zone: MemoryKind, direction: 'read' | 'write', bind: Bind, shape: Shape = SHAPE) {
  const { machine, table } = setup(zone, shape);
  const task = machine.task('mmcqd');
  const buffer = machine.allocPage({ zone: 'lowmem' });
  const mapped = pageAddress(task).map(buffer, 0, 4096);
  if (!mapped.ok) throw new Error(mapped.error.code);
  const align = { mapping: mapped.value, dmaAddress: buffer.phys };
  const data: MmcData = { direction, table, blockBytes: 512, blocks: table.totalBytes / 512 };
  const card = new SdCard(direction === 'read' ? FILE.slice() : new Uint8Array(table.totalBytes));
  if (direction === 'write') entries(machine, table, FILE);
  const backend = recorder(bind(task));
  preemptDisable(task);
  const descriptors = admaTablePre(backend, data, align);
  preemptEnable(task);
  if (!descriptors.ok) return { error: descriptors.error, calls: backend.calls };
  card.transfer(machine, direction, descriptors.value);
  preemptDisable(task);
  const post = admaTablePost(backend, data, align);
  preemptEnable(task);
  pageAddress(task).unmap(align.mapping);
  machine.checkLeaks();
  return {
    error: post.ok ? undefined : post.error,
    calls: backend.calls,
    descriptors: descriptors.value,
    moved: direction === 'read' ? entries(machine, table) : card.storage,
  };
}

function pio(zone: MemoryKind, direction: 'read' | 'write', bind: Bind, blocksPerInterrupt = 2) {
  const { machine, table } = setup(zone);
  const card = new SdCard(direction === 'read' ? FILE.slice() : new Uint8Array(BYTES));
  const [registers] = machine.ioRegion(1, { name: 'sdhci', handlers: card, widths: [4] });
  if (registers === undefined) throw new Error('no registers');
  const data: MmcData = { direction, table, blockBytes: 512, blocks: BYTES / 512 };
  if (direction === 'write') entries(machine, table, FILE);
  const progress = { blocksDone: 0 };
  const steps: number[] = [];
  while (progress.blocksDone < data.blocks) {
    card.raise(blocksPerInterrupt * 512);
    const step = machine.interrupt('hardirq', (irq) => {
      const io = ioAccess(irq);
      const mapped = io.map(registers, 0, 4096);
      if (!mapped.ok) return mapped;
      const result = transferPio(bind(irq), data, progress, mapped.value);
      io.unmap(mapped.value);
      return result;
    });
    if (!step.ok) return { error: step.error, steps, moved: undefined, machine };
    steps.push(progress.blocksDone);
  }
  machine.checkLeaks();
  return {
    error: undefined,
    steps,
    moved: direction === 'read' ? entries(machine, table) : card.storage,
    machine,
  };
}

const V = 'verified';
const U = 'Unmappable';
const S = 'violation';
const KINDS = ['highmem', 'lowmem', 'protected', 'iomem'] as const;
const EXPECTED = [
  ['kmap', kmap, [S, S, U, U]],
  ['kmap_atomic', kmapAtomic, [V, V, V, U]],
  ['kmap_local', kmapLocal, [V, V, V, U]],
  ['page_address', pageAddress, [U, V, U, U]],
  ['vmap', vmap, [S, S, U, U]],
  ['iomem_bounce', iomemBounce, [V, V, V, V]],
  ['io_access', ioAccess, [V, V, V, V]],
  ['pgmap', pgmap, [U, V, V, U]],
] as const;

describe('the sdhci ports', () => {
  for (const [name, bind, results] of EXPECTED) {
    for (const [i, kind] of KINDS.entries()) {
      for (const direction of ['read', 'write'] as const) {
        for (const [way, move] of [
          ['ADMA', adma],
          ['PIO', pio],
        ] as const) {
          it(`${way} ${direction} over ${name} on ${kind}: ${results[i] ?? ''}`, () => {
            if (results[i] === S) {
              expect(() => move(kind, direction, bind)).to.throw(/rule: (kmap|sleep)-in-atomic/);
              return;
            }
            const { error, moved } = move(kind, direction, bind);
            if (results[i] === U) expect(error?.code).to.equal(U);
            else {
              expect(error).to.equal(undefined);
              expect(Buffer.from(moved ?? []).equals(FILE)).to.be.true;
            }
          });
        }
      }
    }
  }

  it('ADMA bounces the first bytes of unaligned entries and nothing else', () => {
    const { calls, descriptors } = adma('highmem', 'write', kmapLocal);
    // Offsets 1, 2, 4093, 4095 and 4097: heads of 3, 1 (the entry is no longer), 2, 1 and 3 bytes.
    expect(calls.filter(({ call }) => call === 'map')).to.have.length(5);
    expect(descriptors?.map(({ lengthBytes }) => lengthBytes)).to.deep.equal([
      511, 3, 511, 1, 2, 1, 1019, 3, 509,
    ]);
    expect(descriptors?.filter(({ lengthBytes }) => lengthBytes > 3).every((d) => d.dmaAddress % 4 === 0)).to
      .be.true;
  });

  it('ADMA maps nothing for aligned entries', () => {
    const { calls, moved } = adma('highmem', 'read', kmapLocal, [
      [0, 1024],
      [8, 1024],
      [4096, 512],
    ]);
    expect(calls).to.deep.equal([]);
    expect(Buffer.from(moved ?? []).equals(FILE)).to.be.true;
  });

  it('ADMA stops at the first map that fails', () => {
    const { error, calls } = adma('highmem', 'write', (task) =>
      faultInjection(kmapLocal(task), { failAt: 2 }),
    );
    expect(error?.code).to.equal('Injected');
    expect(calls.map(({ call }) => call)).to.deep.equal(['map', 'unmap', 'map', 'unmap', 'map']);
  });

  it('PIO goes on where the interrupt before it stopped', () => {
    expect(pio('highmem', 'read', kmapLocal, 2).steps).to.deep.equal([2, 4, 5]);
    expect(pio('highmem', 'write', kmapLocal, 1).steps).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('PIO moves words, 128 for a block, whatever the entries are', () => {
    const read = sinon.spy(SdCard.prototype, 'read');
    try {
      pio('highmem', 'read', kmapLocal);
      expect(read.args.filter(([offset]) => offset === SDHCI_BUFFER)).to.have.length(BYTES / 4);
    } finally {
      read.restore();
    }
  });

  it('PIO begins every block with a new word and sends its last one though it is not full', () => {
    for (const direction of ['read', 'write'] as const) {
      const { machine, table } = setup('highmem', [
        [0, 5],
        [9, 7],
      ]);
      const card = new SdCard(Uint8Array.from({ length: 16 }, (_, i) => 100 + i));
      const [registers] = machine.ioRegion(1, { handlers: card, widths: [4] });
      if (registers === undefined) throw new Error('no registers');
      const task = machine.task('polling');
      const mapped = ioAccess(task).map(registers, 0, 4096);
      if (!mapped.ok) throw new Error(mapped.error.code);
      if (direction === 'write') entries(machine, table, FILE);
      card.raise(64);
      const data: MmcData = { direction, table, blockBytes: 6, blocks: 2 };
      expect(transferPio(kmapLocal(task), data, { blocksDone: 0 }, mapped.value).ok).to.be.true;
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = FILE;
      if (direction === 'write')
        expect([...card.storage]).to.deep.equal([a, b, c, d, e, f, 0, 0, g, h, i, j, k, l, 0, 0]);
      else
        expect([...entries(machine, table)]).to.deep.equal(
          [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13].map((n) => 100 + n),
        );
    }
  });

  it('PIO leaves no chunk mapped, and no byte of a later block, where a map fails', () => {
    for (let failAt = 0; failAt < 8; failAt += 1) {
      let faulty: MapBackend | undefined;
      const { error, machine } = pio(
        'highmem',
        'read',
        (irq) => (faulty ??= faultInjection(kmapLocal(irq), { failAt })),
        5,
      );
      expect(error?.code, String(failAt)).to.equal('Injected');
      machine.checkLeaks();
    }
  });
});
