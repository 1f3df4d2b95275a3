/* The branch for a copy that failed unmaps the page, and the common exit does so again. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *page;

SETUP(pages) { page = alloc_page(GFP_HIGHUSER); }

static int copy_from_user_fails(void *to) { return 14; }

SECTION(task, writer)
{
	void *at = kmap(page);

	if (copy_from_user_fails(at)) {
#ifndef FIXED
		kunmap(page);
#endif
		goto out;
	}
out:
	kunmap(page);
}
