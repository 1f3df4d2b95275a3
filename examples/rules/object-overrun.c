/*
 * object-overrun: A name of 20 characters is copied into 20 bytes, and its terminating zero behind them.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/scatterlist-explore.h>

SECTION(task, probe)
{
	static const char name[] = "a-name-of-20-letters";
	char *copy = kmalloc(20, GFP_KERNEL);

	if (!copy)
		return;
	memcpy(copy, name, sizeof(name)); /* 21 bytes, with the zero at the end */
	kfree(copy);
}
