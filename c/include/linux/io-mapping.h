/* Apertures of devices, mapped piece by piece. */
#ifndef _LINUX_IO_MAPPING_H
#define _LINUX_IO_MAPPING_H

#include <linux/io.h>
#include <linux/slab.h>

struct io_mapping {
	resource_size_t base;
	unsigned long size;
};

__header struct io_mapping *io_mapping_init_wc(struct io_mapping *mapping, resource_size_t base, unsigned long size)
{
	mapping->base = base;
	mapping->size = size;
	return mapping;
}
__header struct io_mapping *io_mapping_create_wc(resource_size_t base, unsigned long size)
{
	struct io_mapping *mapping = kmalloc(sizeof(*mapping), GFP_KERNEL);

	return mapping ? io_mapping_init_wc(mapping, base, size) : NULL;
}
#define io_mapping_fini(mapping) do { } while (0)
#define io_mapping_free(mapping) kfree(mapping)

void __iomem *io_mapping_map_local_wc(struct io_mapping *mapping, unsigned long offset);
void io_mapping_unmap_local(void __iomem *address);
void __iomem *io_mapping_map_atomic_wc(struct io_mapping *mapping, unsigned long offset);
void io_mapping_unmap_atomic(void __iomem *address);
void __iomem *io_mapping_map_wc(struct io_mapping *mapping, unsigned long offset, unsigned long size);
void io_mapping_unmap(void __iomem *address);

#endif
