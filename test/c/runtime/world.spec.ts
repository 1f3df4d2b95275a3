import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { worldOf } from '../../../lib/c/runtime/world.ts';
import { itInC, reportOf, ruleOf } from '../support.ts';

describe('World', () => {
  it('is only on a machine with C code', () => {
    expect(() => worldOf(createMachine())).to.throw('no C code was loaded on this machine');
  });

  itInC('has a struct for each page, and reports a pointer to none', () => {
    const probe = (page: string): string =>
      ruleOf(`static char other[64]; SECTION(task, probe) { kmap_local_page(${page}); }`);
    expect(probe('NULL')).to.equal('null-pointer');
    expect(probe('(struct page *)other')).to.equal('wild-access');
    expect(probe('(struct page *)((char *)pfn_to_page(3) + 4)')).to.equal('wild-access');
    expect(probe('pfn_to_page(1000)')).to.equal('wild-access');
  });

  itInC('makes a lock when its structure is first used, and a new one when it is initialised', () => {
    expect(
      ruleOf(`static spinlock_t lock;
SECTION(task, probe) { spin_lock(&lock); spin_lock_init(&lock); spin_lock(&lock); spin_unlock(&lock); preempt_enable(); }`),
    ).to.equal('exhausted');
    expect(
      ruleOf('static spinlock_t lock; SECTION(task, probe) { spin_lock(&lock); spin_lock(&lock); }'),
    ).to.equal('deadlock');
  });

  itInC('refuses pages of another size, in one line', () => {
    expect(() => reportOf('MACHINE(pageSize = 8192) SECTION(task, probe) { }')).to.throw(
      /pageSize is 8192; C code is compiled for pages of 4096 bytes/,
    );
  });
});
