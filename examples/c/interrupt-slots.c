/*
 * An interrupt that copies through the same slots as the task that it interrupts.
 *
 * A CPU has few slots for local maps, and a task shares them with the interrupts on its CPU. KM_MAX_IDX is 16 in Linux; it
 * is 5 here, so that the program stays small, and that is enough for four maps. gather() maps all three pages of a
 * request at once, and one slot is left. The interrupt copies from one page to another and needs two.
 *
 * Fixed: gather() maps one page at a time.
 *
 * Try it: scatterlist explore examples/c/interrupt-slots.c
 */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

MACHINE(kmMaxIdx = 5)

#define PAGES 3

static struct page *request[PAGES];
static struct page *ring, *saved;
static unsigned char header[PAGES];

/* Reads the first byte of each page of the request. */
static void gather(void)
{
	unsigned char *at[PAGES];
	int i;

#ifdef FIXED
	for (i = 0; i < PAGES; i++) {
		at[i] = kmap_local_page(request[i]);
		header[i] = at[i][0];
		kunmap_local(at[i]);
	}
#else
	for (i = 0; i < PAGES; i++)
		at[i] = kmap_local_page(request[i]);
	for (i = 0; i < PAGES; i++)
		header[i] = at[i][0];
	for (i = PAGES - 1; i >= 0; i--)
		kunmap_local(at[i]);
#endif
}

SETUP(device)
{
	int i;

	for (i = 0; i < PAGES; i++)
		request[i] = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	ring = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	saved = alloc_page(GFP_HIGHUSER);
}

SECTION(task, submit)
{
	gather();
}

IRQ(ring_is_full)
{
	unsigned char *from = kmap_local_page(ring);
	unsigned char *to = kmap_local_page(saved);

	memcpy(to, from, 64);
	kunmap_local(to);
	kunmap_local(from);
}
