/* What the bench explores: two tasks that count in a page, as count.ts does. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *page;

SETUP(pages)
{
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
}

static void count(int offset)
{
	unsigned char *at = kmap_local_page(page);
	int i;

	for (i = 0; i < 20; i++)
		at[offset] += 1;
	kunmap_local(at);
}

SECTION(task, one) { count(0); }
SECTION(task, two) { count(64); }
