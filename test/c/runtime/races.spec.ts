import { expect } from 'chai';
import { itInC, ruleOf } from '../support.ts';

/** The rule that two tasks break, of which each does one thing to eight bytes. */
function between(one: string, other: string): string {
  return ruleOf(`static u32 s[2]; static u32 out[2];
SECTION(task, one) { ${one} }
SECTION(task, two) { ${other} }`);
}

describe('races', () => {
  const cases: readonly (readonly [title: string, one: string, other: string, rule: string])[] = [
    ['two loads', 'out[0] = s[0];', 'out[1] = s[0];', 'exhausted'],
    ['a load and a store', 'out[0] = s[0];', 's[0] = 1;', 'data-race'],
    ['a store of a part', '((u8 *)s)[3] = 1;', 's[0] = 2;', 'data-race'],
    ['a store behind', '((u8 *)s)[4] = 1;', 's[0] = 2;', 'exhausted'],
    ['marked accesses', 'WRITE_ONCE(s[0], 1);', 'out[0] = READ_ONCE(s[0]);', 'exhausted'],
    ['a marked load beside the plain store of a word', 'out[0] = READ_ONCE(s[0]);', 's[0] = 1;', 'exhausted'],
    ['a marked store beside a plain load', 'WRITE_ONCE(s[0], 1);', 'out[0] = s[0];', 'data-race'],
    ['two plain stores', 's[0] = 1;', 's[0] = 1;', 'data-race'],
    ['a block and a word in it', 'memset(s, 0, 8);', 'out[0] = s[1];', 'data-race'],
    ['two blocks that are read', 'memcpy(out, s, 4);', 'memcpy(out + 1, s, 4);', 'exhausted'],
    ['a block that is compared', 'out[0] = memcmp(s, "12345678", 8);', 's[1] = 1;', 'data-race'],
  ];
  for (const [title, one, other, rule] of cases)
    itInC(`of ${title}: ${rule}`, () => {
      expect(between(one, other)).to.equal(rule);
    });
});
