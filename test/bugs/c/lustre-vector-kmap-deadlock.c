/* Two threads map three pages each, and release none before all are mapped. The pool has slots for four. */
#include <linux/highmem.h>
#include <linux/mutex.h>
#include <linux/scatterlist-explore.h>

MACHINE(pkmapSlots = 4)

#define VECTOR 3

static struct page *pages[2 * VECTOR];
static DEFINE_MUTEX(vector_mutex);

SETUP(pages)
{
	int i;

	for (i = 0; i < 2 * VECTOR; i++)
		pages[i] = alloc_page(GFP_HIGHUSER);
}

static void transfer(struct page **vector)
{
	int i;

#ifdef FIXED
	mutex_lock(&vector_mutex);
#endif
	for (i = 0; i < VECTOR; i++)
		kmap(vector[i]);
	for (i = 0; i < VECTOR; i++)
		kunmap(vector[i]);
#ifdef FIXED
	mutex_unlock(&vector_mutex);
#endif
}

SECTION(task, first) { transfer(pages); }
SECTION(task, second) { transfer(pages + VECTOR); }
