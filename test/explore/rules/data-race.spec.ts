import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import { kmapAtomic, kunmapAtomic } from 'scatterlist/machine';
import { counter, found } from '../programs.ts';

const races = { dataRaces: true, check: () => true } as const;

describe('data-race', () => {
  it('is two stores with nothing between them, whatever the values', () => {
    const { violation } = found(explore(counter(false, races)));
    expect(violation.rule).to.equal('data-race');
    expect(violation.what).to.match(/"one".*"two"|"two".*"one"/);
  });

  it('is not there under a lock', () => {
    expect(explore(counter(true, races)).kind).to.equal('exhausted');
  });

  it('is not there between atomic sections of one cpu', () => {
    const program = counter(false, {
      ...races,
      tasks: Object.fromEntries(
        ['one', 'two'].map((name) => [
          name,
          function* ({ task, page }) {
            const m = kmapAtomic(task, page);
            m.store8(0, 1);
            yield;
            kunmapAtomic(task, m);
          },
        ]),
      ),
    });
    expect(explore(program).kind).to.equal('exhausted');
  });

  it('is asked for only by programs that say so', () => {
    expect(explore(counter(false, { check: () => true })).kind).to.equal('exhausted');
  });
});
