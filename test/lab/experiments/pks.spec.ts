import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { pksExperiment } from '../../../lib/lab/experiments/pks.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment pks', () => {
  checksOf(pksExperiment);

  const row = (name: string) => smoke(pksExperiment).rows.find((one) => one['case'] === name);

  it('writes the register twice for a copy if grants nest, and four times if not', () => {
    const all = row('all protected');
    expect([all?.['nestedWrites'], all?.['flatWrites']]).to.deep.equal([2, 4]);
    expect(row('all device, no key')?.['nestedWrites']).to.equal(0);
  });

  it('refuses the access to the source after flat grants, and never otherwise', () => {
    expect(row('all protected')?.['refused']).to.equal(100);
    expect(row('no device memory')?.['refused']).to.equal(0);
  });

  it('charges the call only for memory of a device', () => {
    expect(row('no device memory')?.['outOfLine']).to.equal(row('no device memory')?.['inline']);
    expect(Number(row('all device, no key')?.['outOfLine'])).to.be.above(
      Number(row('all device, no key')?.['inline']),
    );
  });

  it('holds if a call costs nothing', () => {
    expect(smoke(pksExperiment, { call: 0 }).conclusion.verdict).to.equal('holds');
    expect(runExperiment(pksExperiment, { parameters: { copies: 16 }, seed: 2 }).seed).to.equal(2);
  });
});
