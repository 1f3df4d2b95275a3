import { expect } from 'chai';
import { bytesOf, numberOf, refuseRepeats } from '../../lib/cli/options.ts';
import { UsageError } from '../../lib/cli/usage-error.ts';

describe('numberOf', () => {
  it('takes both bounds and everything between them', () => {
    for (const text of ['3', '4', '7', '007']) expect(numberOf('--n', text, 3, 7)).to.equal(Number(text));
    expect(numberOf('--n', '0', 0, 0)).to.equal(0);
  });

  for (const text of ['2', '8', '', ' 5', '5x', '-5', '0x5', '1e1', '9'.repeat(16)]) {
    it(`refuses "${text}"`, () => {
      expect(() => numberOf('--n', text, 3, 7)).to.throw(
        UsageError,
        `--n takes a whole number from 3 to 7, not "${text}"`,
      );
    });
  }
});

describe('bytesOf', () => {
  for (const [text, bytes] of [
    ['1', 1],
    ['100', 100],
    ['1K', 1024],
    ['3K', 3072],
    ['2M', 2_097_152],
    ['1G', 1_073_741_824],
    ['0000000001', 1],
    ['2G', 2_147_483_648],
  ] as const) {
    it(`reads ${text} as ${String(bytes)} bytes, which may be the most that is allowed`, () => {
      expect(bytesOf('--size', text, bytes)).to.equal(bytes);
      if (bytes > 1) expect(() => bytesOf('--size', text, bytes - 1)).to.throw(UsageError, `not "${text}"`);
    });
  }

  for (const text of ['0', '0K', '', 'K', '1k', '1T', '1KB', '1.5M', '-1', '00000000001']) {
    it(`refuses "${text}"`, () => {
      expect(() => bytesOf('--size', text, 2 ** 40)).to.throw(
        UsageError,
        `--size takes 1 to ${String(2 ** 40)} bytes (64M, 100K), not "${text}"`,
      );
    });
  }
});

describe('refuseRepeats', () => {
  const option = (name: string) => ({ kind: 'option', name });

  it('passes different options, and positionals as often as they come', () => {
    refuseRepeats([]);
    refuseRepeats([option('a'), { kind: 'positional' }, option('b'), { kind: 'positional' }]);
    refuseRepeats([{ kind: 'positional', name: 'a' }, { kind: 'positional', name: 'a' }, option('a')]);
  });

  it('names the option that is given twice, also with others between', () => {
    expect(() => {
      refuseRepeats([option('a'), option('b'), { kind: 'positional' }, option('b'), option('a')]);
    }).to.throw(UsageError, '--b is given twice');
  });
});
