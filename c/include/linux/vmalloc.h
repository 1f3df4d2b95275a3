#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H

#include <linux/mm.h>
#include <linux/slab.h>

/* Objects of kmalloc: they are contiguous in physical memory, too. */
#define vmalloc(size) kmalloc(size, GFP_KERNEL)
#define vzalloc(size) kzalloc(size, GFP_KERNEL)
#define vfree(object) kfree(object)

#endif
