/* A lowmem page moves into a fresh highmem page. The old page is mapped where the new one is meant. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *old;
static volatile int seen;

SETUP(pages) { old = alloc_page(GFP_KERNEL | __GFP_ZERO); }

SECTION(task, process)
{
	struct page *fresh = alloc_page(GFP_HIGHUSER);
	char *from = kmap(old), *to, *at;

#ifdef FIXED
	to = kmap(fresh);
	memcpy(to, from, PAGE_SIZE);
	kunmap(fresh);
#else
	to = kmap(old);
	memcpy(to, from, PAGE_SIZE);
	kunmap(old);
#endif
	kunmap(old);
	at = kmap(fresh);
	seen = at[0];
	kunmap(fresh);
	__free_page(fresh);
}
