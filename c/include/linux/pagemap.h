#include <linux/highmem.h>
#include <linux/page-flags.h>

#define __page_cache_alloc(flags) alloc_page(flags)
