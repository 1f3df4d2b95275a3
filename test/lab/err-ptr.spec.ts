import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { EIO, ENOMEM, NULL, errPtr, isErr, ptrErr } from 'scatterlist/lab';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

describe('error pointers', () => {
  it('hold an error number, and NULL is none', () => {
    expect(isErr(errPtr(-ENOMEM))).to.be.true;
    expect(ptrErr(errPtr(-EIO))).to.equal(-EIO);
    expect(isErr(NULL)).to.be.false;
  });

  it('are no address at which a page can be mapped', () => {
    const machine = createMachine();
    const task = machine.task();
    const mapped = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    expect(isErr(mapped.vaddr)).to.be.false;
    kunmapLocal(task, mapped);
  });
});
