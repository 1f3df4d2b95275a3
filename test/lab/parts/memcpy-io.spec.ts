import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { AddressSpace, ioremap, iounmap } from 'scatterlist/machine';
import { memcpyFromIo, memcpyToIo, memsetIo } from '../../../lib/lab/parts/memcpy-io.ts';
import { pattern } from '../../../lib/lab/test-list.ts';

describe('the copies to and from device memory', () => {
  const rig = () => {
    const machine = createMachine();
    const task = machine.task('copier');
    const [first, second] = machine.ioRegion(2);
    if (first === undefined || second === undefined) throw new Error('no device memory');
    const mapped = ioremap(task, first.phys, 8192);
    if (!mapped.ok) throw new Error('no room');
    const memory = () => [...machine.physical(first), ...machine.physical(second)];
    const done = () => {
      iounmap(task, mapped.value);
      machine.checkLeaks();
    };
    return { machine, mem: new AddressSpace(task), base: mapped.value.vaddr, memory, done };
  };

  it('move every byte, across a page, and none beside it', () => {
    const { mem, base, memory, done } = rig();
    const before = memory();
    const bytes = pattern(11, 5);
    memcpyToIo(mem, base + 4093, bytes);
    const after = memory();
    expect(after.slice(4093, 4104)).to.deep.equal([...bytes]);
    expect([...after.slice(0, 4093), ...after.slice(4104)]).to.deep.equal([
      ...before.slice(0, 4093),
      ...before.slice(4104),
    ]);
    const back = new Uint8Array(11);
    memcpyFromIo(mem, back, base + 4093);
    expect(back).to.deep.equal(bytes);
    memsetIo(mem, base + 4094, 0x1ff, 7);
    expect(memory().slice(4093, 4102)).to.deep.equal([bytes[0], ...Array<number>(7).fill(0xff), bytes[8]]);
    done();
  });

  it('use words where the address is aligned, and single bytes elsewhere', () => {
    const { machine, mem, base, done } = rig();
    const accessesOf = (copy: () => void): number => {
      const before = machine.ledger.deviceAccesses;
      copy();
      return machine.ledger.deviceAccesses - before;
    };
    const bytes = pattern(11, 5);
    expect(
      accessesOf(() => {
        memcpyToIo(mem, base, bytes);
      }),
    ).to.equal(2 + 3);
    expect(
      accessesOf(() => {
        memcpyToIo(mem, base + 3, bytes);
      }),
    ).to.equal(1 + 2 + 2);
    expect(
      accessesOf(() => {
        memcpyFromIo(mem, bytes, base + 2);
      }),
    ).to.equal(2 + 2 + 1);
    expect(
      accessesOf(() => {
        memsetIo(mem, base, 0, 8);
      }),
    ).to.equal(2);
    done();
  });

  it('take bytes from the middle of a buffer', () => {
    const { mem, base, memory, done } = rig();
    const bytes = pattern(16, 9);
    memcpyToIo(mem, base, bytes.subarray(5, 13));
    expect(memory().slice(0, 8)).to.deep.equal([...bytes.subarray(5, 13)]);
    done();
  });
});
