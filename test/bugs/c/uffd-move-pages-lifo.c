/* The page tables of destination and source are mapped, and released in the same order. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *destination, *source;

SETUP(tables)
{
	destination = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	source = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
}

SECTION(task, move_pages)
{
	u32 *to = kmap_local_page(destination);
	u32 *from = kmap_local_page(source);

	to[0] = from[0];
#ifdef FIXED
	from[0] = 0;
	kunmap_local(from);
	kunmap_local(to);
#else
	kunmap_local(to);
	from[0] = 0;
	kunmap_local(from);
#endif
}
