/* struct page, of which there is one for each page of the machine, in one array. */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

#include <linux/types.h>

struct address_space;
struct vm_area_struct;

struct page {
	unsigned long flags;
	struct list_head lru;
	struct address_space *mapping;
	pgoff_t index;
	unsigned long private;
	int _mapcount;
	int _refcount;
};

_Static_assert(sizeof(struct page) == 32, "the library counts page structs of this size");

#define SCATTERLIST_PAGE_STRUCTS 1024

__attribute__((weak)) struct page mem_map[SCATTERLIST_PAGE_STRUCTS];

struct folio {
	union {
		struct {
			unsigned long flags;
			struct list_head lru;
			struct address_space *mapping;
			pgoff_t index;
			void *private;
			int _mapcount;
			int _refcount;
		};
		struct page page;
	};
};

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_OFFSET 0xc0000000UL

#endif
