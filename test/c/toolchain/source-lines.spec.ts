import { expect } from 'chai';
import { SourceLines } from '../../../lib/c/toolchain/source-lines.ts';
import { fileOf } from '../support.ts';

describe('SourceLines', () => {
  it('are the lines of a file without their indentation', () => {
    const lines = new SourceLines();
    const file = fileOf('int a;\n\n\tint b; \n');
    expect([0, 1, 2, 3, 4].map((line) => lines.at(file, line))).to.deep.equal([
      undefined,
      'int a;',
      undefined,
      'int b;',
      undefined,
    ]);
    expect(lines.at('/no/such/file.c', 1)).to.equal(undefined);
  });

  it('have the numbers that #line gives them, up to those of another file', () => {
    const lines = new SourceLines();
    const file = fileOf('int a;\n#line 40\nint b;\nint c;\n#line 41 "other.c"\nint d;\n');
    expect([1, 2, 40, 41].map((line) => lines.at(file, line))).to.deep.equal([
      'int a;',
      undefined,
      'int b;',
      'int c;',
    ]);
  });
});
