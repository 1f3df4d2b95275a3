import { expect } from 'chai';
import { actionsOf } from './actions.ts';
import { describe as tell, fuzz } from './fuzz.ts';
import { PLANTED } from './planted.ts';
import { runOverTcp } from './tcp.ts';
import { runActions } from './world.ts';

describe('the fuzzer of the iSCSI target', () => {
  it('finds nothing in 100000 PDUs, and good peers are served throughout', function () {
    this.timeout(240_000);
    const { finding, good, pdus } = fuzz(1, 100_000);
    expect(finding && tell(finding)).to.equal(undefined);
    expect(pdus).to.be.at.least(100_000);
    expect(good).to.be.at.least(5000);
  });

  it('finds nothing over TCP', async function () {
    this.timeout(120_000);
    expect(await runOverTcp(actionsOf(7, 3000))).to.be.at.least(50);
  });

  it('does the same for the same seed', () => {
    expect(actionsOf(5, 300)).to.deep.equal(actionsOf(5, 300));
    expect(actionsOf(5, 300)).to.not.deep.equal(actionsOf(6, 300));
  });

  for (const [mistake, { plant, shows }] of Object.entries(PLANTED)) {
    it(`finds this mistake, and tells how to see it again: ${mistake}`, function () {
      this.timeout(120_000);
      const undo = plant();
      try {
        const { finding } = fuzz(1, 60_000, { shrinkRuns: 10 });
        if (finding === undefined) throw new Error('not found');
        expect(finding.kind, finding.what).to.be.oneOf(shows);
        const told = tell(finding).split('\n');
        expect(told.find((line) => line.startsWith('seed '))).to.include(`seed ${String(finding.seed)}`);
        expect(finding.actions.length).to.be.below(2500);
        const again = told.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as never);
        expect(runActions(again).problem?.kind).to.equal(finding.kind);
        undo();
        expect(runActions(again).problem).to.equal(undefined);
      } finally {
        undo();
      }
    });
  }
});
