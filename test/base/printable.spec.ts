import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { oneLine, printable, shellWord } from '../../lib/base/printable.ts';

describe('printable', () => {
  it('shows control characters as escapes', () => {
    expect(oneLine('a\u001b[2Jb\n\u0007\u009b\u202e\u007f é')).to.equal(
      'a\\x1b[2Jb\\n\\x07\\x9b\\u202e\\x7f é',
    );
    expect(printable('a\r\nb\u001b\n')).to.equal('a\\x0d\nb\\x1b\n');
  });

  it('makes one word for a shell of any text', () => {
    expect(shellWord('dir/a-b_c.ts')).to.equal('dir/a-b_c.ts');
    expect(shellWord('-x.ts')).to.equal('./-x.ts');
    expect(shellWord("a b'c.ts")).to.equal(`'a b'\\''c.ts'`);
    const said = (text: string): string =>
      execFileSync('bash', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
    for (const text of ['', '$(reboot)', '`x`', "it's", 'a"b', 'a\\b', 'a\nb', "\u001b'\\", '*', '~', '!x'])
      expect(said(text), JSON.stringify(text)).to.equal(text);
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        fc.pre(!text.includes('\0') && !text.startsWith('-'));
        expect(said(text)).to.equal(text);
      }),
      { numRuns: 30 },
    );
  });
});
