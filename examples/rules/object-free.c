/*
 * object-free: The error path frees a descriptor that the caller frees as well.
 */
#include <linux/slab.h>
#include <linux/scatterlist-explore.h>

SECTION(task, probe)
{
	char *descriptor = kmalloc(64, GFP_KERNEL);

	kfree(descriptor); /* the error path */
	kfree(descriptor); /* the caller */
}
