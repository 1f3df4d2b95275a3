import { expect } from 'chai';
import type { Program } from 'scatterlist/explore';
import type { Held } from '../../../lib/explore/world.ts';
import { raceFacts } from '../../../lib/explore/execution/race-facts.ts';

const program: Program = { tasks: { *a() {}, *b() {} }, devices: { *card() {} } };

const now = () => ({ isCut: () => false, mayStayAway: () => false, held: () => new Map<number, Held>() });

describe('raceFacts', () => {
  it('are told with interrupts, and say what holds an actor', () => {
    const held = new Map([[1, { queue: 3, by: undefined }]]);
    const interrupts = { irq: { kind: 'hardirq', run: () => undefined } } as const;
    const facts = raceFacts(
      { ...program, interrupts },
      { ...now(), mayStayAway: (i) => i === 2, held: () => held },
    );
    expect(facts?.held()).to.equal(held);
    expect([facts?.mayStayAway(1), facts?.mayStayAway(2)]).to.deep.equal([false, true]);
  });

  it('say that tasks go on only when they are woken, and devices may by themselves', () => {
    const facts = raceFacts(program, now());
    expect([0, 1, 2].map((actor) => facts?.isOnlyWoken(actor))).to.deep.equal([true, true, false]);
  });

  it('ask each time whether the schedule was cut', () => {
    let isCut = false;
    const facts = raceFacts(program, { ...now(), isCut: () => isCut });
    expect(facts?.isCut).to.equal(false);
    isCut = true;
    expect(facts?.isCut).to.equal(true);
  });

  const more: Readonly<Record<string, Partial<Program>>> = {
    migration: { migrate: true },
    'data races': { dataRaces: true },
    'a bound for starvation': { starvationBound: 2 },
    'a rule that may be broken': { allow: ['leak'] },
  };
  for (const [what, part] of Object.entries(more))
    it(`are not told with ${what}`, () => {
      expect(raceFacts({ ...program, ...part }, now())).to.equal(undefined);
    });
});
