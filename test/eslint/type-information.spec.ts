import { expect } from 'chai';
import { Linter } from 'eslint';
import { ConfigError } from '../../lib/base/invariant.ts';
import { scatterlist } from '../../lib/eslint/plugin.ts';
import { TypeInformation } from '../../lib/eslint/type-information.ts';

describe('type information', () => {
  it('that is missing is said in a line that names the option', () => {
    expect(() => new Linter().verify('f();', [scatterlist.configs.recommended])).to.throw(
      /projectService: true/,
    );
    for (const parserServices of [undefined, null, {}, { program: null, getTypeAtLocation: () => undefined }])
      expect(() => new TypeInformation({ sourceCode: { parserServices }, report: () => undefined })).to.throw(
        ConfigError,
      );
  });
});
