/*
 * bug-on: BUG_ON() tests that a list has an end, and a caller passes one without.
 */
#include <linux/bug.h>
#include <linux/scatterlist-explore.h>

static int users = 1;

SECTION(task, close)
{
	BUG_ON(users != 0); /* one user is left */
}
