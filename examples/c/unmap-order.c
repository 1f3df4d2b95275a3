/*
 * Two maps that are released in the order in which they were made.
 *
 * With kmap() the order did not matter. The local maps of a task are a stack: kunmap_local() releases the last one that
 * was made, and the source was made before the target.
 *
 * Fixed: the target is released first.
 *
 * Try it: scatterlist explore examples/c/unmap-order.c
 */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

static struct page *old_block, *new_block;

/* Copies a block, and XORs each word with the key of its new place. */
static void move_block(struct page *to, struct page *from, u32 key)
{
	u32 *source = kmap_local_page(from);
	u32 *target = kmap_local_page(to);
	int i;

	for (i = 0; i < 4; i++)
		target[i] = source[i] ^ key;
#ifdef FIXED
	kunmap_local(target);
	kunmap_local(source);
#else
	kunmap_local(source);
	kunmap_local(target);
#endif
}

SETUP(blocks)
{
	old_block = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	new_block = alloc_page(GFP_HIGHUSER);
}

SECTION(task, mover)
{
	move_block(new_block, old_block, 0x5a5a5a5a);
}

CHECK(block_was_moved)
{
	u32 *words = kmap_local_page(new_block);
	u32 first = words[0];

	kunmap_local(words);
	return first == 0x5a5a5a5a;
}
