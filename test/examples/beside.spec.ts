/** Ports beside a second user of their pool. `scatterlist matrix --explore` explores them all; these are the cheap ones. */
import { expect } from 'chai';
import { COLUMNS, exploreBeside, kindFor } from 'scatterlist/ports';
import type { BesideCell, LoadedPort, Port } from 'scatterlist/ports';
import btrfsCheckIntegrity from '../../examples/drivers/fs/btrfs-check-integrity.ts';
import cephInode from '../../examples/drivers/fs/ceph-inode.ts';
import targetKmapDataSg from '../../examples/drivers/target/kmap-data-sg.ts';
import targetZeroFirstSg from '../../examples/drivers/target/zero-first-sg.ts';
import ownRing from '../../examples/own-port.ts';

const INPUT = { name: 'a few bytes', content: Uint8Array.from({ length: 8 }, (_, i) => i + 1) };
/** Counted in steps, so that a slow machine explores as much as a fast one. */
const BUDGET = { steps: 4000 };

const BACKENDS = COLUMNS.filter(({ contract: { name } }) => /^(kmap|kmap_local|iomem_bounce)$/.test(name));

function* cellsOf(loaded: LoadedPort): Generator<BesideCell> {
  for (const variant of Object.keys(loaded.port.variants))
    for (const column of BACKENDS) {
      const memory = kindFor(column.contract, loaded.port.memory);
      if (memory === undefined) throw new Error(loaded.port.name);
      yield exploreBeside({ port: loaded, variant, memory, column }, { budget: BUDGET });
    }
}

const nameOf = ({ variant, column, outcome }: BesideCell): string =>
  `${variant} over ${column.contract.name}: ${outcome.result === 'violation' ? outcome.violation.rule : outcome.result === 'refused' ? outcome.error.code : outcome.result}`;

const FOUND: readonly (readonly [port: Port, found: readonly string[]])[] = [
  [cephInode, []],
  [targetKmapDataSg, ['copy helper over kmap: NoSlots']],
  [targetZeroFirstSg, ['sg_zero_buffer over kmap: NoSlots']],
  [ownRing, []],
];

describe('ports beside a second user of their pool', () => {
  for (const [port, found] of FOUND)
    it(`${port.name} is explored to the end, and does what each contract says`, async () => {
      const cells = [...cellsOf(await port.load(INPUT))];
      expect(cells.filter(({ isExpected }) => !isExpected).map(nameOf)).to.deep.equal([]);
      expect(cells.filter(({ outcome }) => outcome.result === 'outOfBudget').map(nameOf)).to.deep.equal([]);
      const beside = cells.filter(({ isFoundBeside }) => isFoundBeside);
      expect([...new Set(beside.map(nameOf))]).to.deep.equal(found);
    });

  it('btrfs-check-integrity, which holds all pages of a block, deadlocks over kmap in a pool as large as a block', async () => {
    const loaded = await btrfsCheckIntegrity.load(INPUT);
    const [kmap] = COLUMNS;
    if (kmap === undefined) throw new Error('kmap');
    const cell = { port: loaded, variant: 'original', memory: 'highmem', column: kmap } as const;
    const tight = exploreBeside(cell, { budget: BUDGET });
    expect([nameOf(tight), tight.held, tight.pools.pkmapSlots, tight.isExpected]).to.deep.equal([
      'original over kmap: deadlock',
      4,
      4,
      true,
    ]);
  });
});
