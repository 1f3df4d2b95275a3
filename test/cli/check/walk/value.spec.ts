import { expect } from 'chai';
import fc from 'fast-check';
import {
  expression,
  family,
  isMapped,
  mappedOf,
  mappedValue,
  numberOf,
  numberValue,
  pointee,
  readable,
  unknown,
} from '../../../../lib/cli/check/walk/value.ts';

describe('values', () => {
  it('that are numbers give the number back', () => {
    fc.assert(
      fc.property(fc.integer(), (number) => {
        expect(numberOf(numberValue(number))).to.equal(number);
      }),
    );
    expect(numberOf('%a')).to.equal(undefined);
  });

  it('that are addresses of a mapping name it, and where they lie', () => {
    const offsets = fc.constantFrom('start', 'inside', 'moved', 'derived');
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.nat(3)), offsets, (number, copy, offset) => {
        const token = copy === null ? String(number) : `${String(number)}.${String(copy)}`;
        expect(mappedOf(mappedValue(token, offset))).to.deep.equal({ token, offset });
      }),
    );
    // What is read through an address is no address of the mapping.
    for (const other of ['@9->next', '*@9', '(@9+-@9)', '&(@9)', '%a'])
      expect(isMapped(other), other).to.equal(false);
  });

  it('that are addresses of variables name them', () => {
    expect(pointee('&(walk)')).to.equal('walk');
    expect(pointee('&(dev->walk)')).to.equal('dev->walk');
    expect(pointee('%p')).to.equal(undefined);
  });

  it('that are too long get a name, the same for the same text only', () => {
    const long = `%${'a'.repeat(400)}`;
    expect(expression('(%a+%b)')).to.equal('(%a+%b)');
    expect(expression(long)).to.match(/^‹x\d+›$/);
    expect(expression(long)).to.equal(expression(`${long}`));
    expect(expression(long)).not.to.equal(expression(`${long}b`));
  });

  it('are of one family if only an index or the round of a loop differs', () => {
    expect(family('%pages[%i]')).to.equal(family('%pages[(%i+#1)]'));
    expect(family('%a[%b[%i]].page')).to.equal(family('%a[#3].page'));
    expect(family("‹c7'›->p")).to.equal(family('‹c7›->p'));
    expect(family('%pages[%i]')).not.to.equal(family('%other[%i]'));
  });

  it('are readable as the file may write them', () => {
    expect(readable('%sg->page')).to.equal('sg->page');
    expect(readable(`${unknown('φ12.page')}->next`)).to.equal('page->next');
    expect(readable("‹φ12.page'*›")).to.equal('page');
    expect(readable(unknown('c7'))).to.equal('…');
  });
});
