/* Memory of the system or of a device, behind one pointer. */
#ifndef _LINUX_IOSYS_MAP_H
#define _LINUX_IOSYS_MAP_H

#include <linux/io.h>
#include <linux/string.h>

struct iosys_map {
	union {
		void __iomem *vaddr_iomem;
		void *vaddr;
	};
	bool is_iomem;
};

#define IOSYS_MAP_INIT_VADDR(address) { .vaddr = (address), .is_iomem = false }
#define IOSYS_MAP_INIT_VADDR_IOMEM(address) { .vaddr_iomem = (address), .is_iomem = true }

__header void iosys_map_set_vaddr(struct iosys_map *map, void *address)
{
	map->vaddr = address;
	map->is_iomem = false;
}
__header void iosys_map_set_vaddr_iomem(struct iosys_map *map, void __iomem *address)
{
	map->vaddr_iomem = address;
	map->is_iomem = true;
}
__header bool iosys_map_is_null(const struct iosys_map *map) { return !map->vaddr; }
__header bool iosys_map_is_set(const struct iosys_map *map) { return map->vaddr; }
__header void iosys_map_clear(struct iosys_map *map) { iosys_map_set_vaddr(map, NULL); }
__header void iosys_map_incr(struct iosys_map *map, size_t bytes) { map->vaddr += bytes; }
__header void iosys_map_memcpy_to(struct iosys_map *to, size_t offset, const void *from, size_t length)
{
	if (to->is_iomem)
		memcpy_toio(to->vaddr_iomem + offset, from, length);
	else
		memcpy(to->vaddr + offset, from, length);
}
__header void iosys_map_memcpy_from(void *to, const struct iosys_map *from, size_t offset, size_t length)
{
	if (from->is_iomem)
		memcpy_fromio(to, from->vaddr_iomem + offset, length);
	else
		memcpy(to, from->vaddr + offset, length);
}
__header void iosys_map_memset(struct iosys_map *to, size_t offset, int value, size_t length)
{
	if (to->is_iomem)
		memset_io(to->vaddr_iomem + offset, value, length);
	else
		memset(to->vaddr + offset, value, length);
}

#endif
