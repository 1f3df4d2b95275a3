import { expect } from 'chai';
import fc from 'fast-check';
import type { Decision, Moment } from '../../../../../site/lab/session/messages.ts';
import { decisionAt, geometryOf, leftOf, momentAt } from '../../../../../site/lab/view/timeline/geometry.ts';

function moment(step: number, column: number): Moment {
  return { step, actor: column, column, text: '', line: undefined, kind: 'event' };
}

function decision(at: number, atMoment: number): Decision {
  return { at, moment: atMoment, text: '0', actor: 0, cpu: -1, isInner: false, options: [] };
}

const runs = fc
  .array(fc.record({ column: fc.integer({ min: 0, max: 2 }), length: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 300,
  })
  .map((steps) => ({
    moments: [
      moment(-1, -1),
      ...steps.flatMap(({ column, length }, step) => Array.from({ length }, () => moment(step, column))),
    ],
  }));

describe('site/lab/view/timeline/geometry', () => {
  it('draws each shown moment once, and the moment that is shown among them', () => {
    fc.assert(
      fc.property(runs, fc.double({ min: 0, max: 1, noNaN: true }), (run, part) => {
        const at = Math.floor(part * (run.moments.length - 1));
        const { from, to, blocks } = geometryOf(run, at);
        expect(at).to.be.within(from, to - 1);
        const drawn = blocks.flatMap((block) =>
          Array.from({ length: block.to - block.from }, (_, i) => block.from + i),
        );
        const all = Array.from({ length: to - from }, (_, i) => from + i);
        expect(drawn).to.deep.equal(all.filter((index) => (run.moments[index]?.column ?? -1) >= 0));
        for (const block of blocks)
          for (let index = block.from; index < block.to; index += 1)
            expect(run.moments[index]).to.include({ step: block.step, column: block.column });
      }),
    );
  });

  it('finds the moment at the place of a moment', () => {
    fc.assert(
      fc.property(runs, fc.nat(), (run, seed) => {
        const at = seed % run.moments.length;
        const geometry = geometryOf(run, at);
        expect(momentAt(geometry, leftOf(geometry, at))).to.equal(at);
        expect(momentAt(geometry, leftOf(geometry, at) + geometry.width - 1)).to.equal(at);
      }),
    );
    const geometry = geometryOf({ moments: [moment(0, 0), moment(0, 0)] }, 0);
    expect([momentAt(geometry, -50), momentAt(geometry, 9999)]).to.deep.equal([0, 1]);
  });

  it('finds the decision that led to a moment', () => {
    const decisions = [decision(0, 1), decision(1, 4), decision(2, 9)];
    expect(decisionAt(decisions, 0)).to.be.undefined;
    expect([1, 3, 4, 8, 20].map((at) => decisionAt(decisions, at)?.at)).to.deep.equal([0, 0, 1, 1, 2]);
  });
});
