/*
 * warn-on: WARN_ON() tests that the count of users is 0, and an interrupt took one meanwhile.
 */
#include <linux/bug.h>
#include <linux/scatterlist-explore.h>

static int users;

IRQ(arrival)
{
	users++;
}

SECTION(task, close)
{
	WARN_ON(READ_ONCE(users)); /* the interrupt may have come */
}
