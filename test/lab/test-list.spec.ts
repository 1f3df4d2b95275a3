import { expect } from 'chai';
import { createMachine, sgCopyFromBuffer } from 'scatterlist';
import type { MachineOptions, MemoryKind } from 'scatterlist';
import { ioAccess } from 'scatterlist/backends';
import { TestList, listPages, pattern } from '../../lib/lab/test-list.ts';

describe('TestList', () => {
  const make = () => {
    const machine = createMachine({ highmemPages: 16 });
    const list = new TestList<'highmem' | 'iomem'>(
      machine,
      [
        { kind: 'highmem', offset: 4000, length: 200 },
        { kind: 'iomem', offset: 5, length: 20 },
      ],
      3,
    );
    return { machine, list };
  };

  it('has the bytes of its entries one after the other', () => {
    const { machine, list } = make();
    const data = pattern(220, 9);
    expect(list.changed()).to.be.false;
    expect(list.wrong([])).to.equal(undefined);
    expect(sgCopyFromBuffer(list.table, data, ioAccess(machine.task())).value).to.equal(220);
    expect(list.bytes()).to.deep.equal(data);
    expect(list.changed()).to.be.true;
    expect(list.wrong([{ at: 0, bytes: data }])).to.equal(undefined);
  });

  it('names the byte that is wrong, in an entry or beside it', () => {
    const { machine, list } = make();
    const [first] = list.pages;
    if (first === undefined) throw new Error('no page');
    machine.physical(first)[7] = 0;
    expect(list.wrong([])).to.match(/^byte 7 of page 0 is 0x00 instead of 0x/);
    expect(list.wrong([{ at: 96, bytes: Uint8Array.of(1) }])).to.match(/^byte 7 of page 0/);
  });

  it('lies in protected memory on a machine that has it in place of highmem', () => {
    const kinds = (options: MachineOptions): readonly MemoryKind[] =>
      listPages<MemoryKind>(createMachine({ protectedPages: 4, ...options }), 'highmem', 2).map(
        ({ kind }) => kind,
      );
    expect(kinds({ highmem: true })).to.deep.equal(['highmem', 'highmem']);
    expect(kinds({ highmem: false })).to.deep.equal(['protected', 'protected']);
    expect(kinds({ highmem: false, protectedPages: 0 })).to.deep.equal(['highmem', 'highmem']);
  });

  it('has other bytes for another seed', () => {
    expect(pattern(8, 1)).to.not.deep.equal(pattern(8, 2));
  });
});
