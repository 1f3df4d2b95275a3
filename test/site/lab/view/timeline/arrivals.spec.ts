import { expect } from 'chai';
import fc from 'fast-check';
import type { Decision } from '../../../../../site/lab/session/messages.ts';
import { arrivalsOf, nearestPlace, placeOf } from '../../../../../site/lab/view/timeline/arrivals.ts';

const IRQ = 7;

/** Decisions of these actors, three moments apart. */
function decisionsOf(actors: readonly number[]): readonly Decision[] {
  return actors.map((actor, at) => ({
    at,
    actor,
    moment: 1 + 3 * at,
    text: String(actor),
    cpu: -1,
    isInner: false,
    options: [],
  }));
}

/** What is left, and where the interrupt stands in it, if it is taken out and put before a decision. */
function moved(actors: readonly number[], before: number): readonly number[] {
  const others = (part: readonly number[]): readonly number[] => part.filter((actor) => actor !== IRQ);
  return [...others(actors.slice(0, before)), IRQ, ...others(actors.slice(before))];
}

const schedules = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 8 }), fc.nat(), fc.boolean())
  .map(([others, seed, arrives]) => {
    if (!arrives) return others;
    const at = seed % (others.length + 1);
    return [...others.slice(0, at), IRQ, ...others.slice(at)];
  });

describe('site/lab/view/timeline/arrivals', () => {
  it('are all orders of the interrupt among the others, each once', () => {
    fc.assert(
      fc.property(schedules, (actors) => {
        const arrivals = arrivalsOf(decisionsOf(actors), IRQ, 99);
        const others = actors.filter((actor) => actor !== IRQ);
        const orders = arrivals.map(({ before }) => moved(actors, before));
        expect(orders).to.deep.equal(
          [...others, -1].map((_, place) => [...others.slice(0, place), IRQ, ...others.slice(place)]),
        );
      }),
    );
  });

  it('have the interrupt at its place: moving it there changes nothing', () => {
    fc.assert(
      fc.property(schedules, (actors) => {
        const arrival = actors.indexOf(IRQ);
        const arrivals = arrivalsOf(decisionsOf(actors), IRQ, 99);
        const place = placeOf(arrivals, arrival < 0 ? undefined : arrival);
        if (arrival < 0) expect(place).to.equal(arrivals.length);
        else expect(moved(actors, arrivals[place]?.before ?? -1)).to.deep.equal(actors);
      }),
    );
  });

  it('have one that is nearest to a moment', () => {
    const arrivals = arrivalsOf(decisionsOf([0, 1, 0]), IRQ, 10);
    expect(arrivals.map(({ moment }) => moment)).to.deep.equal([1, 4, 7, 10]);
    expect([-5, 0, 2, 3, 5.4, 5.6, 8.4, 9, 50].map((moment) => nearestPlace(arrivals, moment))).to.deep.equal(
      [0, 0, 0, 1, 1, 2, 2, 3, 3],
    );
  });
});
