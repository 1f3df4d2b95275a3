import { expect } from 'chai';
import { skbFragForeachPage, skbFragMustLoop } from 'scatterlist/machine';
import type { FragPart } from 'scatterlist/machine';
import { PAGE, REACH, setUp } from './folio-fixture.ts';
import type { Fixture } from './folio-fixture.ts';

function parts({ machine, high }: Fixture, offset: number, length: number): readonly (readonly number[])[] {
  const seen: FragPart[] = [];
  skbFragForeachPage(machine, high.head, offset, length, (part) => seen.push(part));
  return seen.map((part) => [part.page.pfn - high.head.pfn, part.offset, part.length, part.copied]);
}

describe('skb_frag_foreach_page', () => {
  it('goes page by page where a map reaches one page', () => {
    const expected = [
      [1, 6, PAGE - 6, 0],
      [2, 0, PAGE, PAGE - 6],
      [3, 0, 4, 2 * PAGE - 6],
    ];
    expect(parts(setUp(), PAGE + 6, 2 * PAGE - 2)).to.deep.equal(expected);
    expect(parts(setUp({ forceMap: true }), PAGE + 6, 2 * PAGE - 2)).to.deep.equal(expected);
  });

  it('gives everything at once where all is directly reachable', () => {
    expect(parts(setUp({ highmem: false }), PAGE + 6, 600)).to.deep.equal([[1, 6, 600, 0]]);
  });

  it('visits nothing for no bytes', () => {
    for (const options of Object.values(REACH)) expect(parts(setUp(options), 6, 0)).to.deep.equal([]);
  });

  it('must loop for highmem pages, and for all with forced maps', () => {
    const answers = Object.values(REACH).map((options) => {
      const { machine, low, high } = setUp(options);
      return [low, high].map(({ head }) => skbFragMustLoop(machine, head));
    });
    expect(answers).to.deep.equal([
      [false, false],
      [false, true],
      [true, true],
    ]);
  });
});
