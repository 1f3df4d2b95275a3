/* A free list is threaded through a page, and the pointer that was advanced is unmapped. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

#define OBJECTS 3
#define OBJECT 1024

static struct page *zspage;

SETUP(pages) { zspage = alloc_page(GFP_HIGHUSER); }

SECTION(task, zsmalloc)
{
	void *at = kmap_atomic(zspage);
	void *link = at;
	int n;

	for (n = 1; n <= OBJECTS; n++) {
		*(u32 *)link = n;
		link += OBJECT;
	}
#ifdef FIXED
	kunmap_atomic(at);
#else
	kunmap_atomic(link);
#endif
}
