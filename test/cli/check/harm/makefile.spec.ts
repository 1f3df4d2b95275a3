import { expect } from 'chai';
import { symbolsOf } from '../../../../lib/cli/check/harm/makefile.ts';

const MAKEFILE = `# obj-$(CONFIG_OLD) += old.o
obj-y += always.o folder/
obj-$(CONFIG_CARD) += card.o
obj-$(CONFIG_TWO)	+= both.o
obj-$(CONFIG_ONE) += \\
	other.o \\
	both.o

card-y := card_main.o card_tx.o
card-$(CONFIG_CARD_DEBUG) += card_debug.o
`;

describe('what a Makefile builds an object for', () => {
  it('is told by symbol, for each place, through the object that it is a part of', () => {
    expect(symbolsOf(MAKEFILE, 'card.o')).to.deep.equal([['CARD']]);
    expect(symbolsOf(MAKEFILE, 'card_tx.o')).to.deep.equal([['CARD']]);
    expect(symbolsOf(MAKEFILE, 'card_debug.o')).to.deep.equal([['CARD_DEBUG', 'CARD']]);
    expect(symbolsOf(MAKEFILE, 'both.o')).to.deep.equal([['TWO'], ['ONE']]);
    expect(symbolsOf(MAKEFILE, 'always.o')).to.deep.equal([[]]);
    expect(symbolsOf(MAKEFILE, 'folder/')).to.deep.equal([[]]);
    expect(symbolsOf(MAKEFILE, 'old.o')).to.deep.equal([]);
  });

  it('comes to an end where objects are parts of each other', () => {
    expect(symbolsOf('a-y := b.o\nb-y := a.o\n', 'a.o')).to.deep.equal([]);
  });
});
