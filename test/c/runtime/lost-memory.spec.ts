import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { lostMemory } from '../../../lib/c/runtime/lost-memory.ts';
import type { HeapObject } from '../../../lib/c/runtime/heap.ts';

const START = 0xc000_0000;
/** Variables in page 0, objects in page 1, page structs from page 2 on. */
const [ROOTS, HEAP, MEM_MAP] = [START, START + 0x1000, START + 0x2000];

/** A machine with two objects of 16 bytes, one page of highmem, and words written to memory. */
function lost(words: Readonly<Record<number, number>>) {
  const machine = createMachine({ lowmemPages: 16, highmemPages: 2 });
  const { memory, addresses } = machine.hardware;
  for (const [at, value] of Object.entries(words)) {
    const address = Number(at);
    const bytes = memory.bytesOf(memory.page(addresses.frameOf(address)));
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(address % 4096, value, true);
  }
  const object = (address: number): HeapObject => {
    const allocatedAt = { file: '/a/b.c', line: address % 100, column: 1, within: 'make', callers: [] };
    return { address, bytes: 16, by: 'one', allocatedAt, freedAt: undefined, freedBy: undefined };
  };
  return lostMemory({
    objects: [object(HEAP), object(HEAP + 32)],
    pages: [{ first: memory.page(16), count: 1, by: 'two', at: undefined }],
    roots: [[ROOTS, ROOTS + 64]],
    memMap: MEM_MAP,
    pageStructBytes: 32,
    memory,
    addresses,
  });
}

describe('lostMemory', () => {
  it('is all to which no variable leads', () => {
    const found = lost({});
    expect(found?.what).to.equal(
      '2 objects and 1 page allocation were not freed, and no variable leads there',
    );
    expect(found?.details.map(({ label, text }) => `${label}: ${text}`)).to.deep.equal([
      'object: 0xc0001000, 16 bytes, allocated by "one" at b.c:68 in make',
      'object: 0xc0001020, 16 bytes, allocated by "one" at b.c:0 in make',
      'page: pfn 0x10, allocated by "two"',
    ]);
  });

  it('is not what a pointer to it, or into it, keeps', () => {
    expect(lost({ [ROOTS]: HEAP + 4 })?.what).to.match(/^1 object and 1 page allocation were/);
    expect(lost({ [ROOTS + 60]: HEAP + 32 + 15 })?.what).to.match(/^1 object and/);
    expect(lost({ [ROOTS]: HEAP + 16 })?.what, 'behind the object').to.match(/^2 objects/);
    expect(lost({ [ROOTS + 64]: HEAP })?.what, 'behind the variables').to.match(/^2 objects/);
  });

  it('is not what objects, page structs and pages that are kept lead to', () => {
    const chain = { [ROOTS]: HEAP, [HEAP + 8]: HEAP + 32 };
    expect(lost(chain)?.what).to.equal('1 page allocation was not freed, and no variable leads there');
    // A struct of a page with two flags in its low bits, as in an entry of a list.
    expect(lost({ ...chain, [HEAP + 32]: MEM_MAP + 16 * 32 + 2 })).to.equal(undefined);
    expect(lost({ [ROOTS]: MEM_MAP + 16 * 32, [MEM_MAP + 16 * 32 + 20]: HEAP })?.what).to.match(
      /^1 object was/,
    );
    // Two objects that lead to each other only are lost.
    expect(lost({ [HEAP]: HEAP + 32, [HEAP + 32]: HEAP })?.what).to.match(/^2 objects/);
  });
});
