import { expect } from 'chai';
import { figuresOf, isQuietEnough } from '../../bench/figures.ts';
import type { Measured } from '../../bench/worker.ts';

function run(ratio: number, isQuiet: boolean, shared?: number): Measured {
  return {
    ...{ title: 'a title', baseline: 'copies', coreMicros: 100, rounds: 41, quietRounds: 41, isQuiet },
    rows: [{ name: 'ours', ratio, low: ratio, high: ratio, shared, perUnit: 10 * ratio, unit: 'ns' }],
  };
}

describe('figuresOf', () => {
  it('takes the median of the processes that had the core to themselves, where as many had as are wanted', () => {
    const runs = [run(1.1, true, 1.3), run(2, false), run(1, true), run(1.2, true, 1.4)];
    expect([isQuietEnough(runs, 3), isQuietEnough(runs, 4)]).to.deep.equal([true, false]);
    expect(figuresOf(runs, 3)).to.deep.equal({
      ...{ title: 'a title', baseline: 'copies', quietProcesses: 3, processes: 3 },
      figures: [
        {
          ...{ name: 'ours', ratio: 1.1, least: 1, most: 1.2, perUnit: 11, unit: 'ns', noisy: false },
          shared: 1.4,
        },
      ],
    });
  });

  it('takes the median of all processes where fewer had', () => {
    const { quietProcesses, processes, figures } = figuresOf(
      [run(1.1, true), run(2, false), run(1.9, false)],
      2,
    );
    expect([quietProcesses, processes]).to.deep.equal([1, 3]);
    expect(figures[0]).to.include({ ratio: 1.9, least: 1.1, most: 2, noisy: true, shared: undefined });
  });
});
