/** Calls of functions that touch memory of C race as loads and stores do, whichever context comes first. */
import { expect } from 'chai';
import { BLOCKS } from '../../../lib/c/kernel/blocks.ts';
import { KERNEL } from '../../../lib/c/kernel/index.ts';
import { fileOf, itInC, ruleOfFile } from '../support.ts';
import { LIST } from './cases.ts';

const BEFORE = `${LIST}
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/uaccess.h>
static atomic_t count; static unsigned long bits[2]; static char *user;
SETUP(user) { user = user_memory(64); }
`;

/** The rule that two tasks break, declared in one order and in the other. */
function both(one: string, other: string): readonly string[] {
  const file = (first: string, second: string): string =>
    fileOf(`${BEFORE}SECTION(task, one) { ${first} }\nSECTION(task, two) { ${second} }`);
  return [ruleOfFile(file(one, other)), ruleOfFile(file(other, one))];
}

describe('functions that touch memory of C', () => {
  const races: readonly (readonly [title: string, call: string, access: string])[] = [
    ['an entry that is set', 'sg_set_page(&more[0], pages[3], 8, 0);', 'more[0].length = 9;'],
    ['a list that is initialised', 'sg_init_table(more, 3);', 'more[2].offset = 9;'],
    ['a list that is copied', 'sg_copy_to_buffer(more, 2, buffer, 10);', 'more[0].length = 900;'],
    ['the buffer of a copy', 'sg_copy_to_buffer(more, 2, buffer, 10);', 'buffer[0] = 1;'],
    ['an atomic counter', 'atomic_inc(&count);', 'count.counter = 5;'],
    ['a counter that is set', 'atomic_set(&count, 1);', 'count.counter = 5;'],
    ['a bit', 'set_bit(40, bits);', 'bits[1] = 0;'],
    ['a buffer for bytes of the user', 'copy_from_user(buffer, user, 8);', 'buffer[7] = 1;'],
  ];
  for (const [title, call, access] of races)
    itInC(`race: ${title}`, () => {
      expect(both(call, access)).to.deep.equal(['data-race', 'data-race']);
    });

  itInC('do not race where they touch other bytes, or are marked', () => {
    expect(both('sg_set_page(&more[0], pages[3], 8, 0);', 'more[1].length = 9;')).to.deep.equal(
      Array(2).fill('exhausted'),
    );
    expect(both('atomic_inc(&count);', 'atomic_set(&count, 3);')).to.deep.equal(Array(2).fill('exhausted'));
    expect(both('set_bit(40, bits);', 'set_bit(3, bits);')).to.deep.equal(Array(2).fill('exhausted'));
  });

  it('are all functions that C can call', () => {
    expect(Object.keys(BLOCKS).filter((name) => !(name in KERNEL))).to.deep.equal([]);
  });
});
