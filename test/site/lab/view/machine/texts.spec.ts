import { expect } from 'chai';
import { counted, frame, hex, names, sentence } from '../../../../../site/lab/view/machine/texts.ts';

describe('site/lab/view/machine/texts', () => {
  it('writes addresses, frames and names', () => {
    expect([hex(0xfffff000), frame(0x40), frame(undefined)]).to.deep.equal(['0xfffff000', 'pfn 0x40', '–']);
    expect([names([]), names(['a', 'b'])]).to.deep.equal(['–', 'a, b']);
  });

  it('counts in words', () => {
    expect([
      counted(1, 'entry', 'entries'),
      counted(2, 'entry', 'entries'),
      counted(12_345, 'step'),
    ]).to.deep.equal(['1 entry', '2 entries', '12,345 steps']);
  });

  it('makes a sentence, and leaves names as they are', () => {
    expect(sentence('access past the end')).to.equal('Access past the end.');
    expect(sentence('cpu0 translates it')).to.equal('cpu0 translates it.');
    expect(sentence('kmap_local_page() is called')).to.equal('kmap_local_page() is called.');
    expect(sentence('"driver" sleeps!')).to.equal('"driver" sleeps!');
  });
});
