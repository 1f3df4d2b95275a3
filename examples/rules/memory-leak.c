/*
 * memory-leak: The error path after a failed second allocation returns and forgets the first.
 */
#include <linux/slab.h>
#include <linux/scatterlist-explore.h>

SECTION(task, probe)
{
	char *descriptor = kzalloc(64, GFP_KERNEL);

	if (!descriptor)
		return;
	descriptor[0] = 1;
	/* no kfree(), and no variable leads to it any more */
}
