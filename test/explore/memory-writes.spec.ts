import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { MemoryWrites } from '../../lib/explore/memory-writes.ts';
import type { Write } from '../../lib/explore/memory-writes.ts';

const write = (actor: string, how: Write['how'] = 'store', line = 1): Write => ({
  actor,
  step: 0,
  site: { file: `${actor}.ts`, line, column: 1 },
  how,
});

describe('MemoryWrites', () => {
  const { memory } = createMachine({ lowmemPages: 4, highmemPages: 4, pageSize: 256 }).hardware;
  const page = memory.page(5);
  const bytes = memory.bytesOf(page);
  const make = () => {
    const found: number[][] = [];
    const writes = new MemoryWrites(memory, (...change) => found.push(change));
    return { found, writes, who: (at: number) => writes.writerOf(page, at)?.actor };
  };

  it('knows the last store to each byte', () => {
    const { writes, who } = make();
    writes.stored(5, 0, 8, write('a'));
    writes.stored(5, 4, 2, write('b'));
    expect([0, 3, 4, 5, 6, 7, 8].map(who)).to.deep.equal(['a', 'a', 'b', 'b', 'a', 'a', undefined]);
    expect(writes.writerOf(memory.page(6), 0)).to.equal(undefined);
  });

  it('finds what changed without a store, and holds the actor for it that acts', () => {
    const { writes, who, found } = make();
    writes.watch(5, write('card', 'array', 7));
    writes.stored(5, 0, 1, write('a'));
    bytes.fill(9, 0, 4);
    writes.settle({ ...write('card', 'array'), site: undefined });
    expect([0, 1, 3, 4].map(who)).to.deep.equal(['a', 'card', 'card', undefined]);
    expect(found).to.deep.equal([[5, 1, 3]]);
    expect(writes.writerOf(page, 1)?.site?.line).to.equal(7);
    // The line at which another was given the bytes says little.
    bytes[2] = 10;
    writes.settle({ ...write('other', 'array'), site: undefined });
    expect(writes.writerOf(page, 2)).to.include({ actor: 'other', site: undefined });
    writes.settle(write('late'));
    expect(who(2)).to.equal('other');
  });

  it('takes a write-back of a cache as no new write, and a write of a device by its own line', () => {
    const { writes, who, found } = make();
    writes.watch(5, write('a', 'array'));
    writes.moves(5);
    writes.moves(6);
    bytes[0] = 77;
    writes.settle(write('flusher'));
    expect([who(0), found.length]).to.deep.equal([undefined, 0]);
    writes.writesNext(write('io', 'array', 33));
    bytes[1] = 78;
    writes.settle(write('io'));
    expect(writes.writerOf(page, 1)?.site?.line).to.equal(33);
  });
});
