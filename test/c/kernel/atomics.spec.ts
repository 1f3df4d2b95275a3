/** Atomic counters, bits, references and the clock in C. */
import { expect } from 'chai';
import { fileOf, itInC, ruleOfFile } from '../support.ts';
import { itInCases } from './cases.ts';

const BEFORE = `#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <linux/scatterlist-explore.h>
static atomic_t count = ATOMIC_INIT(5); static unsigned long bits[2]; static int plain;
struct object { int n; struct kref ref; };
static void release(struct kref *ref) { kfree(container_of(ref, struct object, ref)); }
`;

describe('atomic counters in C', () => {
  itInCases(BEFORE, [
    [
      'count as in Linux',
      'exhausted',
      `atomic_inc(&count); atomic_sub(2, &count); BUG_ON(atomic_read(&count) != 4 || atomic_add_return(-5, &count) != -1);
       BUG_ON(atomic_fetch_add(3, &count) != -1 || atomic_xchg(&count, 7) != 2 || atomic_cmpxchg(&count, 7, 8) != 7);
       BUG_ON(atomic_cmpxchg(&count, 7, 9) != 8 || !atomic_add_unless(&count, 1, 8 + 1) || atomic_add_unless(&count, 1, 9));
       atomic_set(&count, 0); BUG_ON(atomic_dec_if_positive(&count) != -1 || atomic_read(&count) || atomic_inc_not_zero(&count));
       atomic_set(&count, 0x7fffffff); atomic_inc(&count); BUG_ON(atomic_read(&count) != (int)0x80000000 || !atomic_dec_return(&count));
       atomic_set(&count, 6); BUG_ON(atomic_fetch_and(3, &count) != 6 || atomic_fetch_or(8, &count) != 2 || atomic_read(&count) != 10);
       atomic_set(&count, 1); BUG_ON(!atomic_dec_and_test(&count) || !atomic_inc_and_test(&(atomic_t)ATOMIC_INIT(-1)));`,
    ],
    [
      'bits',
      'exhausted',
      `int bit, sum = 0; set_bit(33, bits); set_bit(2, bits); BUG_ON(bits[0] != 4 || bits[1] != 2 || !test_bit(33, bits));
       BUG_ON(test_and_set_bit(2, bits) != 1 || !test_and_clear_bit(2, bits) || test_and_clear_bit(2, bits)); change_bit(0, bits);
       for_each_set_bit(bit, bits, 64) sum += bit; BUG_ON(sum != 33 || fls(8) != 4 || ffs(8) != 4 || __ffs(8) != 3 || hweight32(0xf0) != 4);
       BUG_ON(ilog2(4097) != 12 || roundup_pow_of_two(5) != 8 || !is_power_of_2(64) || is_power_of_2(0));`,
    ],
    [
      'sums that overflow, and integers at odd addresses',
      'exhausted',
      `int sum; u64 n = 1000000000001ULL; char at[9] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
       BUG_ON(!check_add_overflow(0x7fffffff, 1, &sum) || check_mul_overflow(3, 4, &sum) || sum != 12 || size_add(~0UL, 1) != SIZE_MAX);
       BUG_ON(do_div(n, 10) != 1 || n != 100000000000ULL); BUG_ON(get_unaligned_le32(at + 1) != 0x04030201 || get_unaligned_be16(at + 1) != 0x0102);
       put_unaligned_be32(0x0a0b0c0d, at + 3); BUG_ON(at[3] != 10 || at[6] != 13);`,
    ],
    [
      'references free an object once',
      'exhausted',
      `struct object *o = kmalloc(sizeof(*o), GFP_KERNEL); kref_init(&o->ref); kref_get(&o->ref);
       BUG_ON(kref_put(&o->ref, release) || kref_read(&o->ref) != 1 || !kref_put(&o->ref, release));`,
    ],
    ['a reference to an object that is gone', 'warn-on', 'struct kref ref = KREF_INIT(0); kref_get(&ref);'],
    [
      'one put too many',
      'object-use-after-free',
      `struct object *o = kzalloc(sizeof(*o), GFP_KERNEL); kref_init(&o->ref); kref_put(&o->ref, release); kref_put(&o->ref, release);`,
    ],
    [
      'a wait that gives up',
      'exhausted',
      'unsigned long end = jiffies + 5; while (!READ_ONCE(plain)) { if (time_after(jiffies, end)) break; cpu_relax(); }',
    ],
  ]);

  itInC('do not race with each other, but with a plain access', () => {
    const text = (one: string): string =>
      `${BEFORE}SECTION(task, one) { ${one} } SECTION(task, two) { atomic_inc(&count); } CHECK(sum) { return atomic_read(&count) == 7; }`;
    expect(ruleOfFile(fileOf(text('atomic_inc(&count);')))).to.equal('exhausted');
    expect(ruleOfFile(fileOf(text('int n = atomic_read(&count); atomic_set(&count, n + 1);')))).to.equal(
      'lost-write',
    );
  });

  itInC('a timer runs after it was started, and not once it was deleted', () => {
    const text = (more: string): string => `${BEFORE}
static int fired;
TIMER(late) { WRITE_ONCE(fired, READ_ONCE(fired) + 1); }
SECTION(task, start) { mod_timer(&late, jiffies + 10); ${more} }
CHECK(once) { return fired == 1; }`;
    expect(ruleOfFile(fileOf(text('')))).to.equal('exhausted');
    expect(ruleOfFile(fileOf(text('del_timer(&late);')))).to.equal('final-check');
  });
});
