/* Caches that are not coherent. */
#ifndef _LINUX_CACHEFLUSH_H
#define _LINUX_CACHEFLUSH_H

#include <linux/highmem.h>

void __cpuc_flush_dcache_area(void *address, size_t size);

#define flush_kernel_vmap_range(address, size) __cpuc_flush_dcache_area(address, size)
#define invalidate_kernel_vmap_range(address, size) __cpuc_flush_dcache_area(address, size)
#define flush_icache_range(start, end) do { } while (0)

#endif
