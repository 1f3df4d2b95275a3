import { expect } from 'chai';
import { fewDeviations } from '../../../../lib/cli/check/proof/few-deviations.ts';

/** Runs a search of choices of values: `counts[i]` values at place i, as long as `goesOn` says so. */
function runsOf(most: number, counts: (made: readonly number[]) => number): readonly string[] {
  const search = fewDeviations();
  const point = (choices: readonly number[]) => ({
    choices,
    inner: true,
    last: 0,
    footprint: undefined,
    stateKey: () => undefined,
  });
  const runs: string[] = [];
  while (runs.length < most && search.begin()) {
    const made: number[] = [];
    for (let count = counts(made); count > 0; count = counts(made)) {
      // Values count down from -3.
      const choices = Array.from({ length: count }, (_, i) => -3 - (count - 1 - i));
      made.push(-3 - search.choose(point(choices)));
    }
    search.end(point([]));
    runs.push(made.join(''));
  }
  if (runs.length < most) expect(search.isComplete).to.equal(true);
  return runs;
}

describe('a search with few deviations', () => {
  it('takes the first values, then another one at each place, and all in the end', () => {
    const runs = runsOf(100, (made) => [2, 3][made.length] ?? 0);
    expect(runs[0]).to.equal('00');
    expect(runs.slice(1, 4).sort()).to.deep.equal(['01', '02', '10']);
    expect([...runs].sort()).to.deep.equal(['00', '01', '02', '10', '11', '12']);
  });

  it('begins the next ones at a run that led further', () => {
    // Only the value 1 at the second place leads on, to a third and a fourth.
    const runs = runsOf(8, (made) => (made.length < 2 || (made[1] === 1 && made.length < 4) ? 2 : 0));
    expect(runs).to.include('0110');
    expect(runs.indexOf('0110')).to.be.below(runs.indexOf('1000') === -1 ? 8 : runs.indexOf('1000'));
  });

  it('does not look for loops, which takes longer than many runs', () => {
    expect(fewDeviations().looksForLoops).to.equal(false);
  });

  it('is not complete where a run is too long to be left everywhere', () => {
    const search = runsOf(1, (made) => (made.length < 700 ? 2 : 0));
    expect(search[0]).to.have.length(700);
  });
});
