/* One task maps while it holds the address space; the other holds a slot, faults, and needs the address space. */
#include <linux/highmem.h>
#include <linux/rwsem.h>
#include <linux/scatterlist-explore.h>

MACHINE(pkmapSlots = 1)

static struct page *notify, *copied;
static DECLARE_RWSEM(mmap_sem);

SETUP(pages)
{
	notify = alloc_page(GFP_HIGHUSER);
	copied = alloc_page(GFP_HIGHUSER);
}

SECTION(task, vmci)
{
	down_write(&mmap_sem);
#ifdef FIXED
	up_write(&mmap_sem);
#endif
	kmap(notify);
	kunmap(notify);
#ifndef FIXED
	up_write(&mmap_sem);
#endif
}

SECTION(task, copier)
{
	char *at = kmap(copied);

	down_read(&mmap_sem);
	at[0] = 1;
	up_read(&mmap_sem);
	kunmap(copied);
}
