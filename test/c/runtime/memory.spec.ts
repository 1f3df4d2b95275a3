import { expect } from 'chai';
import { itInC, outcomeOf, reportOf, ruleOf } from '../support.ts';

describe('memory of C', () => {
  itInC(
    'has the bytes that were stored, in each width, on the stack, in variables and in mapped pages',
    () => {
      const check = (place: string): string => `
		{ volatile unsigned char *at = (void *)(${place}); u64 q = 0x1122334455667788ULL;
		*(volatile u64 *)at = q; BUG_ON(*(volatile u32 *)(at + 4) != 0x11223344 || *(volatile u16 *)(at + 2) != 0x5566 || at[0] != 0x88);
		*(volatile u16 *)(at + 1) = 0xabcd; BUG_ON(*(volatile u64 *)at != 0x1122334455abcd88ULL);
		*(volatile signed char *)(at + 7) = -2; BUG_ON(*(volatile signed char *)(at + 7) != -2 || at[7] != 0xfe); }`;
      expect(
        ruleOf(`static u64 variable; static struct page *page;
SETUP(pages) { page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
SECTION(task, probe)
{
	u64 own; char *mapped = kmap_local_page(page);
	${check('&own')} ${check('&variable')} ${check('mapped + 16')}
	kunmap_local(mapped);
}`),
      ).to.equal('exhausted');
    },
  );

  itInC('on the own stack is no step, until an address of it is where others see it', () => {
    const text = (share: string): string => `static int *shared;
SECTION(task, one) { volatile int own = 1; ${share} own = 2; own = 3; own = 4; }`;
    const steps = (share: string): number => outcomeOf(text(share)).counts.steps;
    expect(steps('')).to.equal(1);
    expect(steps('WRITE_ONCE(shared, (int *)&own);')).to.be.greaterThan(4);
  });

  itInC('of another stack is reached, and races', () => {
    expect(
      ruleOf(`static int *shared;
SECTION(task, one) { volatile int own = 1; WRITE_ONCE(shared, (int *)&own); own = 2; WRITE_ONCE(shared, NULL); }
SECTION(task, two) { int *at = READ_ONCE(shared); if (at) *at = 5; }`),
    ).to.equal('data-race');
  });

  itInC('texts are read up to their zero', () => {
    const report = reportOf(
      'static char name[] = "ring 7"; SECTION(task, one) { printk("%s!", name); BUG(); }',
    );
    expect(report).to.match(/ring 7!/);
  });
});
