/* The page table of the source is mapped atomically, and then one for the destination is allocated, which may sleep. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *source;

SETUP(tables) { source = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }

SECTION(task, mremap)
{
	struct page *table;
	u32 *from, *to;

#ifdef FIXED
	table = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	from = kmap_atomic(source);
#else
	from = kmap_atomic(source);
	table = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
#endif
	to = kmap_atomic(table);
	to[0] = from[0];
	from[0] = 0;
	kunmap_atomic(to);
	kunmap_atomic(from);
	__free_page(table);
}
