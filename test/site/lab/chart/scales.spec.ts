import { expect } from 'chai';
import fc from 'fast-check';
import { scaleOf, shortNumber, ticksAt } from '../../../../site/lab/chart/scales.ts';

const values = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e9, noNaN: true })), {
  minLength: 1,
  maxLength: 20,
});

describe('site/lab/chart/scales', () => {
  for (const scale of ['linear', 'log'] as const) {
    for (const begins of ['at 0', 'at the least'] as const) {
      it(`puts every value that is shown inside the range: ${scale}, ${begins}`, () => {
        fc.assert(
          fc.property(values, (all) => {
            const { at, ticks, isShown } = scaleOf({ title: '', scale }, all, [10, 110], begins);
            for (const value of all) {
              expect(isShown(value)).to.equal(scale === 'linear' || value > 0);
              if (isShown(value)) expect(at(value)).to.be.within(9.999, 110.001);
            }
            for (const tick of ticks) expect(tick.at).to.be.within(9.999, 110.001);
            expect(ticks.length).to.be.at.most(scale === 'linear' ? 12 : 17);
          }),
        );
      });
    }
  }

  it('begins at 0 where it has to', () => {
    const { at } = scaleOf({ title: '' }, [50, 100], [0, 100], 'at 0');
    expect([at(0), at(50), at(100)]).to.deep.equal([0, 50, 100]);
  });

  it('writes numbers short', () => {
    expect([0, 0.05, 4096, 65_536, 2_500_000].map(shortNumber)).to.deep.equal([
      '0',
      '0.05',
      '4096',
      '65.5K',
      '2.5M',
    ]);
  });

  it('marks each value once, with the text that the chart gives', () => {
    const texts = (labels?: Readonly<Record<string, string>>): readonly string[] =>
      ticksAt([1, 2, 2], (value) => value, labels).map(({ text }) => text);
    expect(texts()).to.deep.equal(['1', '2']);
    expect(texts({ '2': 'two' })).to.deep.equal(['', 'two']);
  });
});
