/*
 * stack-overflow: A function has a buffer of a whole page among its local variables.
 */
#include <linux/highmem.h>
#include <linux/string.h>
#include <linux/scatterlist-explore.h>

SECTION(task, ioctl)
{
	char buffer[4 * PAGE_SIZE]; /* more than the whole stack */

	memset(buffer, 0, sizeof(buffer));
	WARN_ON(buffer[7]);
}
