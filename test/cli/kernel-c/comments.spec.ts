import { expect } from 'chai';
import { withoutComments } from '../../../lib/cli/kernel-c/comments.ts';

describe('comments of C', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['of one line', 'a; // b\nc;', 'a;     \nc;'],
    ['that go on behind a backslash', 'a; // b\\\nc\nd;', 'a;      \n \nd;'],
    ['over lines', 'a; /* b\n c */ d;', 'a;     \n      d;'],
    ['that do not end', 'a; /* b', 'a;     '],
    ['in a text', 'a("/* no */"); /* yes */', 'a("/* no */");          '],
    ['behind a text with a quote', 'a("\\"", \'"\'); // yes', 'a("\\"", \'"\');       '],
  ];
  for (const [what, text, bare] of cases)
    it(`${what}`, () => {
      expect(withoutComments(text)).to.equal(bare);
    });

  it('are told, each with its place', () => {
    const told: [string, number][] = [];
    withoutComments('a; /* b */ "/* c */" // d', (comment, at) => told.push([comment, at]));
    expect(told).to.deep.equal([
      ['/* b */', 3],
      ['// d', 21],
    ]);
  });
});
