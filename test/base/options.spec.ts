import { expect } from 'chai';
import { ConfigError } from '../../lib/base/invariant.ts';
import { checkChoice, checkOptions } from '../../lib/base/options.ts';

const KNOWN = {
  mode: ['checked', 'direct'],
  highmem: 'boolean',
  cpus: 'number',
  of: 'object',
  cb: 'function',
} as const;

function refusal(options: unknown): string {
  try {
    checkOptions('createMachine', options, KNOWN);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('options', () => {
  it('are known, and have a value that they take', () => {
    expect(refusal({ mode: 'fast' })).to.equal("mode is 'fast'; it must be 'checked' or 'direct'");
    expect(refusal({ highmem: 'yes' })).to.equal("highmem is 'yes'; it must be true or false");
    expect(refusal({ cpus: '2' })).to.equal("cpus is '2'; it must be a number");
    expect(refusal({ of: null })).to.equal('of is null; it must be an object');
    expect(refusal({ cb: [] })).to.equal('cb is an array; it must be a function');
    expect(refusal({ mod: 'direct' })).to.equal(
      "createMachine has no option 'mod'; it has mode, highmem, cpus, of, cb",
    );
    expect(refusal({ toString: 1 })).to.contain("no option 'toString'");
  });

  it('may be left out, and come in an object', () => {
    expect(refusal({ mode: undefined, cpus: 2, of: {}, cb: () => 0 })).to.equal('');
    for (const [given, shown] of [
      [5, '5'],
      ['x', "'x'"],
      [null, 'null'],
      [[], 'an array'],
    ])
      expect(refusal(given)).to.equal(`createMachine takes an object of options, not ${String(shown)}`);
  });

  it('that are arguments of their own are checked alike', () => {
    expect(() => {
      checkChoice('zone', {}, ['lowmem']);
    }).to.throw(ConfigError, "zone is an object; it must be 'lowmem'");
  });
});
