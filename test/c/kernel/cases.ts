/** Tests of one task each, all in one C file, so that it is compiled once. */
import { expect } from 'chai';
import { fileOf, itInC, ruleOfFile } from '../support.ts';

/** What a task does, and the rule that it breaks; `exhausted` for none. */
export type Case = readonly [title: string, rule: string, body: string];

/** Declares a test for each case. `before` is the beginning of the file, with its includes. */
export function itInCases(before: string, cases: readonly Case[]): void {
  const tasks = cases.map(
    ([, , body], i) => `#line 1 "case${String(i)}.c"\nSECTION(task, case${String(i)})\n{\n${body}\n}\n`,
  );
  let file = '';
  for (const [i, [title, rule]] of cases.entries())
    itInC(`${title}: ${rule}`, () => {
      if (file === '') file = fileOf(before + tasks.join(''));
      expect(ruleOfFile(file, { only: [`case${String(i)}`] })).to.equal(rule);
    });
}

/** Four pages of highmem and a list over three of them, 1000 bytes each, of which the second is in a second array. */
export const LIST = `#include <linux/highmem.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/scatterlist-explore.h>
MACHINE(highmemPages = 8)
static struct page *pages[4];
static struct scatterlist list[2], more[3];
static unsigned char buffer[4096];
SETUP(list)
{
	int i;

	for (i = 0; i < 4; i++)
		pages[i] = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	sg_init_table(list, 2);
	sg_init_table(more, 3);
	sg_set_page(&list[0], pages[0], 1000, 100);
	sg_set_page(&more[0], pages[1], 1000, 200);
	sg_set_page(&more[1], pages[2], 1000, 300);
	sg_mark_end(&more[1]);
	sg_chain(list, 2, more);
}
`;
