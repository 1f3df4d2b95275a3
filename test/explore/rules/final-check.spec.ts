import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { found } from '../programs.ts';

const withCheck = (check: NonNullable<Program['check']>) =>
  explore({
    tasks: {
      *five() {
        return 5;
      },
    },
    check,
  });

describe('final-check', () => {
  it('takes false, a sentence or an error as a violation', () => {
    expect(found(withCheck(() => false)).violation.what).to.match(/returned false/);
    expect(found(withCheck(() => 'the page is torn')).violation.what).to.equal('the page is torn');
    expect(
      found(
        withCheck(() => {
          throw new Error('not five');
        }),
      ).violation,
    ).to.include({ rule: 'final-check', what: 'not five' });
  });

  it('takes true and nothing as well', () => {
    expect(withCheck(() => true).kind).to.equal('exhausted');
    expect(withCheck(() => undefined).kind).to.equal('exhausted');
  });

  it('is given what the tasks returned', () => {
    expect(withCheck(({ results }) => results['five'] === 5).kind).to.equal('exhausted');
  });
});
