import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { violationOf, violationOfThrown } from '../../lib/explore/violation-of.ts';

describe('violations of a schedule as a whole', () => {
  const context = createMachine().task('a').state();

  it('are bugs unless the rule says otherwise, and have no line of the program', () => {
    const facts = { what: 'it is lost', context: undefined, mapping: undefined };
    expect(violationOf('lost-write', facts)).to.deep.equal({
      ...facts,
      rule: 'lost-write',
      severity: 'bug',
      details: [],
      foundAt: undefined,
    });
    expect(violationOf('leak', { ...facts, severity: 'warn' }).severity).to.equal('warn');
  });

  it('show what was thrown, and where', () => {
    const thrown = violationOfThrown(new RangeError('too far'), context);
    expect(thrown).to.deep.include({ rule: 'exception', what: 'RangeError: too far', context });
    expect(thrown.details[0]?.text)
      .to.contain('violation-of.spec.ts')
      .and.to.satisfy((text: string) => text.split('\n').length <= 4);
    expect(violationOfThrown('just text', context)).to.deep.include({ what: 'just text', details: [] });
  });
});
