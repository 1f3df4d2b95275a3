import { expect } from 'chai';
import type { Program } from 'scatterlist/explore';
import { raceFacts } from '../../../lib/explore/execution/race-facts.ts';

const program: Program = { tasks: { *a() {}, *b() {} }, devices: { *card() {} } };

describe('raceFacts', () => {
  it('say that tasks go on only when they are woken, and devices may by themselves', () => {
    const facts = raceFacts(program, () => false);
    expect([0, 1, 2].map((actor) => facts?.isOnlyWoken(actor))).to.deep.equal([true, true, false]);
  });

  it('ask each time whether the schedule was cut', () => {
    let isCut = false;
    const facts = raceFacts(program, () => isCut);
    expect(facts?.isCut).to.equal(false);
    isCut = true;
    expect(facts?.isCut).to.equal(true);
  });

  const more: Readonly<Record<string, Partial<Program>>> = {
    'an interrupt': { interrupts: { irq: { kind: 'hardirq', run: () => undefined } } },
    migration: { migrate: true },
    'data races': { dataRaces: true },
    'a bound for starvation': { starvationBound: 2 },
    'a rule that may be broken': { allow: ['leak'] },
  };
  for (const [what, part] of Object.entries(more))
    it(`are not told with ${what}`, () => {
      expect(raceFacts({ ...program, ...part }, () => false)).to.equal(undefined);
    });
});
