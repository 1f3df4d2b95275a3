import { expect } from 'chai';
import fc from 'fast-check';
import { itInC, ruleOf } from '../support.ts';

/** A section that allocates objects of these sizes, and looks whether they are aligned and lie apart. */
function allocating(sizes: readonly number[]): string {
  return `
SECTION(task, probe)
{
	char *all[${String(sizes.length)}]; int i, j; int sizes[] = { ${sizes.join(', ')} };

	for (i = 0; i < ${String(sizes.length)}; i++) {
		char *at = kmalloc(sizes[i], GFP_KERNEL), *end = at + sizes[i] + 8;

		BUG_ON(!at || (unsigned long)at % 8);
		if ((sizes[i] & (sizes[i] - 1)) == 0)
			BUG_ON((unsigned long)at % min(sizes[i], 4096));
		for (j = 0; j < i; j++)
			BUG_ON(end > all[j] && all[j] + sizes[j] + 8 > at);
		all[i] = at;
	}
}
PROGRAM(allow = memory-leak)
MACHINE(lowmemPages = 256)`;
}

describe('Heap', () => {
  itInC('hands out objects that lie apart, aligned as Linux promises', function (this: Mocha.Context) {
    this.timeout(120_000);
    const size = fc.oneof(fc.constantFrom(1, 8, 64, 4096, 8192), fc.integer({ min: 1, max: 9000 }));
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 25 }), (sizes) => {
        expect(ruleOf(allocating(sizes)), String(sizes)).to.equal('exhausted');
      }),
      { numRuns: 8 },
    );
  });
});
