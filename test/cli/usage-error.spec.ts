import { parseArgs } from 'node:util';
import { expect } from 'chai';
import { UsageError, isUsersMistake } from '../../lib/cli/usage-error.ts';

describe('isUsersMistake', () => {
  it('knows its own error and those of parseArgs', () => {
    expect(isUsersMistake(new UsageError('x'))).to.equal(true);
    let thrown: unknown;
    try {
      parseArgs({ args: ['--unknown'], options: {} });
    } catch (error) {
      thrown = error;
    }
    expect(isUsersMistake(thrown)).to.equal(true);
  });

  it('knows no other error, and nothing that is no error', () => {
    for (const other of [
      new TypeError('x'),
      Object.assign(new Error('x'), { code: 'ENOENT' }),
      Object.assign(new Error('x'), { code: 'AFTER_ERR_PARSE_ARGS' }),
      { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION', message: 'x' },
      'ERR_PARSE_ARGS',
      null,
      undefined,
    ])
      expect(isUsersMistake(other)).to.equal(false);
  });
});
