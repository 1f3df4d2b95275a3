/* A block is received into a scratch page, piece by piece. On a short read the code jumps behind the unmap. */
#include <linux/highmem.h>
#include <linux/delay.h>
#include <linux/scatterlist-explore.h>

MACHINE(pkmapSlots = 2)

static struct page *scratch;

SETUP(pages) { scratch = alloc_page(GFP_HIGHUSER); }

static int receive(void *to, int piece)
{
	msleep(1);
	return piece == 1 ? 0 : 512;
}

SECTION(task, receiver)
{
	char *at = kmap(scratch);
	int piece;

	for (piece = 0; piece < 3; piece++)
		if (receive(at, piece) < 512)
#ifdef FIXED
			break;
#else
			goto out;
#endif
	kunmap(scratch);
	goto out;
out:
	__free_page(scratch);
}
