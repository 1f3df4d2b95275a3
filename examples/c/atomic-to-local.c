/*
 * A conversion from kmap_atomic to kmap_local_page that loses an exclusion.
 *
 * A queue keeps a map of its tags in a highmem page: one byte for each tag, 0 if the tag is free. claim_tag() looks for
 * a free one and takes it. With kmap_atomic() it could not be preempted between the look and the store, and this
 * machine has one CPU, so two tasks never saw the same free tag. kmap_local_page() leaves preemption enabled: the second
 * task can run between the two, and both take tag 0.
 *
 * Fixed: a spin lock says what kmap_atomic() did without saying it.
 *
 * Try it: scatterlist explore examples/c/atomic-to-local.c
 */
#include <linux/highmem.h>
#include <linux/spinlock.h>
#include <linux/scatterlist-explore.h>

#define TAGS 8

static struct page *tag_map;
static int taken[2];

#ifdef FIXED
static DEFINE_SPINLOCK(tag_lock);
#define lock_tags() spin_lock(&tag_lock)
#define unlock_tags() spin_unlock(&tag_lock)
#else
#define lock_tags() do { } while (0)
#define unlock_tags() do { } while (0)
#endif

static int claim_tag(void)
{
	unsigned char *map;
	int tag;

	lock_tags();
	map = kmap_local_page(tag_map); /* was kmap_atomic() */
	for (tag = 0; tag < TAGS; tag++)
		if (map[tag] == 0) {
			map[tag] = 1;
			break;
		}
	kunmap_local(map);
	unlock_tags();
	return tag < TAGS ? tag : -EBUSY;
}

SETUP(queue)
{
	tag_map = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
}

SECTION(task, reader)
{
	taken[0] = claim_tag();
}

SECTION(task, writer)
{
	taken[1] = claim_tag();
}

CHECK(each_has_its_own_tag)
{
	return taken[0] != taken[1];
}
