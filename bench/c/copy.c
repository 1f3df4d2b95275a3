/* What the bench runs: blocks between mapped pages. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *from, *to;

SETUP(pages)
{
	from = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	to = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
}

SECTION(task, copy)
{
	unsigned char *a = kmap_local_page(from);
	unsigned char *b = kmap_local_page(to);
	int i;

	for (i = 0; i < 50; i++)
		memcpy(b, a, PAGE_SIZE);
	kunmap_local(b);
	kunmap_local(a);
}
SECTION(task, clear)
{
	unsigned char *a = kmap_local_page(to);
	int i;

	for (i = 0; i < 50; i++)
		memset(a, 7, PAGE_SIZE);
	kunmap_local(a);
}
