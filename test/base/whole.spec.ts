import { expect } from 'chai';
import { ConfigError } from '../../lib/base/invariant.ts';
import { MOST_32, configWhole, isWhole, notWhole, requireWhole } from '../../lib/base/whole.ts';

describe('whole numbers', () => {
  it('are what C could hold: no sign, no fraction, no more than the field has', () => {
    for (const n of [0, -0, 1, 2 ** 31, MOST_32]) expect(isWhole(n, MOST_32), String(n)).to.be.true;
    for (const n of [-1, 1.5, NaN, Infinity, -Infinity, 2 ** 32, 2 ** 53])
      expect(isWhole(n, MOST_32), String(n)).to.be.false;
  });

  it('have a least and a most, which they may be', () => {
    expect(MOST_32).to.equal(4_294_967_295);
    expect([isWhole(9, 9), isWhole(10, 9), isWhole(0, 0)]).to.deep.equal([true, false, true]);
    for (const check of [configWhole, requireWhole]) {
      for (const n of [3, 5])
        expect(() => {
          check('n', n, 3, 5);
        }).to.not.throw();
      for (const n of [2, 6])
        expect(() => {
          check('n', n, 3, 5);
        }).to.throw(`n is ${String(n)}; it must be a whole number from 3 to 5`);
    }
    expect(() => {
      requireWhole('n', 0);
      configWhole('n', Number.MAX_SAFE_INTEGER, 0);
    }).to.not.throw();
    expect(() => {
      requireWhole('n', -1);
    }).to.throw('from 0 to');
    expect(() => {
      configWhole('n', Infinity, 0);
    }).to.throw(ConfigError, 'n is Infinity');
  });

  it('may be Infinity where something has no bound', () => {
    configWhole('schedules', Infinity, 1, Infinity);
    for (const n of [0, -1, 1.5, NaN, -Infinity, 2 ** 53])
      expect(() => {
        configWhole('schedules', n, 1, Infinity);
      }).to.throw(ConfigError, `schedules is ${String(n)}; it must be a whole number from 1 to Infinity`);
    expect(() => {
      configWhole('cpus', Infinity, 1, 64);
    }).to.throw(ConfigError, 'cpus is Infinity');
  });

  it('are refused in one wording', () => {
    expect(notWhole('skip', 1.5, 0, 9)).to.equal('skip is 1.5; it must be a whole number from 0 to 9');
    expect(() => requireWhole('nents', 0, 1, 9)).to.throw(
      RangeError,
      'nents is 0; it must be a whole number from 1 to 9',
    );
    expect(() => requireWhole('nents', 9, 1, 9)).to.not.throw();
    expect(() => requireWhole('bytes', 2 ** 53)).to.throw('to 9007199254740991');
  });
});
