import { expect } from 'chai';
import { explain, explore, parseSchedule } from 'scatterlist/explore';
import { counter, found } from './programs.ts';

describe('explain', () => {
  it('tells each step: who, where, and its events', () => {
    const told = explain(counter(), parseSchedule('0.1.1.0'));
    expect(told.names).to.deep.equal(['one', 'two']);
    expect(told.steps.map(({ actor, cpu }) => [actor, cpu])).to.deep.equal([
      [0, 0],
      [1, 0],
      [1, 0],
      [0, 0],
    ]);
    expect(told.steps[0]?.firstEvent).to.be.lessThan(told.steps[1]?.firstEvent ?? 0);
  });

  it('knows where a mapping was made', () => {
    const told = explain(counter(), parseSchedule(found(explore(counter())).schedule));
    const map = told.events.find((event) => event.event === 'map');
    expect(map !== undefined && 'site' in map && map.site?.file).to.match(/programs\.ts$/);
  });
});
