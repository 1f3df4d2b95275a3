/* One routine computes the checksum of a block where it is submitted and where it is completed, which is a softirq. */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *block;

SETUP(pages) { block = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }

static int checksum(void)
{
	int sum;
#ifdef FIXED
	unsigned char *at = kmap_atomic(block);

	sum = READ_ONCE(at[0]);
	kunmap_atomic(at);
#else
	unsigned char *at = kmap(block);

	sum = READ_ONCE(at[0]);
	kunmap(block);
#endif
	return sum;
}

SECTION(task, submit) { checksum(); }
SOFTIRQ(complete) { checksum(); }
