import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import { COLUMNS, observe, runProgram } from 'scatterlist/ports';
import port from '../../../examples/drivers/fs/btrfs-check-integrity.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 20_000 }, (_, i) => (3 * i) & 0xff),
});

describe('the block checker of btrfs', () => {
  it('holds every page of a block, and releases the last one first', () => {
    const { needs, moved } = observe(LOADED, 'original', 'highmem');
    expect(needs[0]).to.deep.include({ heldAtOnce: 4, isReleasedInOrder: true, usedBy: [], sleptOn: [] });
    expect(moved).to.deep.equal({ verifiedBytes: 20_000 });
  });

  it('waits for ever in a pool that is smaller than a block, unless it maps one page at a time', () => {
    const [kmap] = COLUMNS;
    if (kmap === undefined) throw new Error('no kmap');
    const run = (variant: string) => (): object =>
      runProgram(LOADED.program(variant, 'highmem', kmap).program, createMachine({ pkmapSlots: 2 }));
    expect(run('original')).to.throw(ViolationError).with.nested.property('violation.rule', 'deadlock');
    expect(run('one page at a time')).not.to.throw();
  });
});
