import { expect } from 'chai';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { Races, add, addAll } from '../../../lib/explore/strategies/races.ts';
import type { Future } from '../../../lib/explore/strategies/races.ts';

function writes(...resources: readonly number[]): Footprint {
  const footprint = new Footprint();
  for (const resource of resources) footprint.write(resource);
  return footprint;
}

describe('Races', () => {
  it('gives one number to the same event, in whatever order it touched things', () => {
    const races = new Races();
    expect(races.event(1, writes(3, 4))).to.equal(races.event(1, writes(4, 3)));
    expect(races.event(1, writes(3))).not.to.equal(races.event(2, writes(3)));
  });

  it('names the actors whose events conflict, also beyond one word of events', () => {
    const races = new Races();
    const future: Future = [];
    for (let actor = 1; actor < 100; actor += 1) add(future, races.event(actor, writes(1000 + actor)));
    add(future, races.event(7, writes(1, 2)));
    add(future, races.event(63, writes(2, 5)));
    expect([...(races.racing(races.event(0, writes(2)), future) ?? [])]).to.have.members([7, 63]);
    expect(races.racing(races.event(0, writes(9)), future)).to.deep.equal(new Set());
  });

  it('knows of no bound where anything may happen', () => {
    const races = new Races();
    const event = races.event(0, writes(1));
    expect(races.racing(event, addAll([], races.unknown))).to.equal(undefined);
    const wild = writes();
    wild.everything = true;
    expect(races.racing(races.event(0, wild), [])).to.equal(undefined);
  });
});
