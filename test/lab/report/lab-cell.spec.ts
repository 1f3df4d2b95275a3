import { expect } from 'chai';
import { callCount, firstOf } from 'scatterlist/lab';
import { NOTICE, mistake } from './sample.ts';

describe('LabCell', () => {
  it('counts calls', () => {
    expect(callCount({ calls: { map: 2, unmap: 1 } })).to.equal(3);
  });

  it('tells who notices first: TypeScript before anything runs', () => {
    const refuses = { verdict: 'refuses', code: 'TS1', message: 'no' } as const;
    expect(firstOf(mistake({ cannot: 'no unmap' }))).to.equal('cannot');
    expect(firstOf(mistake({ typescript: refuses, notice: NOTICE }))).to.equal('typescript');
    expect(firstOf(mistake({ notice: NOTICE }))).to.equal('machine');
    expect(firstOf(mistake({ notice: undefined }))).to.equal('nothing');
  });
});
