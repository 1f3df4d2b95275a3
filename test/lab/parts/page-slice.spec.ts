import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { FacadeError } from 'scatterlist/lab';
import { AddressSpace, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { Loan } from '../../../lib/lab/parts/page-slice.ts';

describe('Loan', () => {
  const rig = () => {
    const machine = createMachine({ highmemPages: 8 });
    const context = machine.task('borrower');
    const page = machine.allocPage({ zone: 'highmem' });
    const refuse = (what: string): never => {
      throw new FacadeError(what);
    };
    const window = kmapLocalPage(context, page);
    const loan = new Loan({ context, machine, refuse }, window, 100, 4);
    return { machine, context, page, window, loan };
  };

  it('reads and writes the bytes that are lent, singly and together', () => {
    const { machine, page, loan } = rig();
    loan.copyFromSlice(Uint8Array.of(1, 2, 3, 4));
    loan.set(3, loan.get(2) + 6);
    const bytes = new Uint8Array(4);
    loan.copyToSlice(bytes);
    expect([...bytes]).to.deep.equal([1, 2, 3, 9]);
    expect([...machine.physical(page).subarray(99, 105)]).to.deep.equal([0, 1, 2, 3, 9, 0]);
  });

  it('panics for an index beyond its end, and for a slice of another length', () => {
    const { loan } = rig();
    expect(() => loan.get(4)).to.throw(FacadeError, 'the len is 4 but the index is 4');
    expect(() => {
      loan.set(9, 1);
    }).to.throw(FacadeError, 'the index is 9');
    expect(() => {
      loan.copyFromSlice(new Uint8Array(5));
    }).to.throw(FacadeError, 'a source of 5 bytes does not match a destination of 4');
    expect(() => {
      loan.copyToSlice(new Uint8Array(3));
    }).to.throw(FacadeError, 'a source of 4 bytes does not match a destination of 3');
  });

  it('refuses every use after its end', () => {
    const { context, window, loan } = rig();
    expect(loan.end()).to.equal(window);
    kunmapLocal(context, window);
    const uses = [
      () => loan.get(0),
      () => {
        loan.set(0, 1);
      },
      () => {
        loan.copyToSlice(new Uint8Array(4));
      },
      () => {
        loan.copyFromSlice(new Uint8Array(4));
      },
      () => loan.asPtr(),
    ];
    for (const use of uses) expect(use).to.throw(FacadeError, 'E0521');
  });

  it('refuses another context', () => {
    const { machine, loan } = rig();
    machine.interrupt('softirq', (irq) => {
      expect(() => loan.get(0)).to.throw(FacadeError, `"borrower" cannot be used by "${irq.name}"`);
    });
    expect(loan.get(0)).to.equal(0);
  });

  it('gives an address that is bound to nothing', () => {
    const { context, window, loan } = rig();
    const { base, length } = loan.asPtr();
    expect([base, length]).to.deep.equal([window.vaddr + 100, 4]);
    new AddressSpace(context).store8(base, 8);
    expect(loan.get(0)).to.equal(8);
  });
});
