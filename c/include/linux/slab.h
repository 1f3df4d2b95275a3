/* Objects of any size. */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/string.h>

void *__kmalloc(size_t size, gfp_t flags);
void kfree(const void *object);
size_t ksize(const void *object);

#define kmalloc(size, flags) __kmalloc(size, flags)
#define kzalloc(size, flags) __kmalloc(size, (flags) | __GFP_ZERO)
#define kmalloc_array(n, size, flags) __kmalloc((n) * (size), flags)
#define kcalloc(n, size, flags) kzalloc((n) * (size), flags)
#define kvmalloc(size, flags) kmalloc(size, flags)
#define kvzalloc(size, flags) kzalloc(size, flags)
#define kvmalloc_array(n, size, flags) kmalloc_array(n, size, flags)
#define kvfree(object) kfree(object)
#define kfree_sensitive(object) kfree(object)
#define kmalloc_obj(object, flags...) kmalloc(sizeof(object), GFP_KERNEL)

__header void *kmemdup(const void *from, size_t length, gfp_t flags)
{
	void *to = kmalloc(length, flags);

	if (to)
		memcpy(to, from, length);
	return to;
}

#endif
