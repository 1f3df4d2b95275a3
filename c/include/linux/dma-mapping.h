/* Memory that a device uses. Each struct device is a device of its own; without options its addresses are physical. */
#ifndef _LINUX_DMA_MAPPING_H
#define _LINUX_DMA_MAPPING_H

#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>

/* The driver syncs by itself. Other attributes make no difference here. */
#define DMA_ATTR_SKIP_CPU_SYNC (1UL << 5)
#define DMA_ATTR_WEAK_ORDERING (1UL << 1)
#define DMA_ATTR_NO_WARN (1UL << 8)
#define DMA_MAPPING_ERROR (~(dma_addr_t)0)
#define DMA_BIT_MASK(n) ((n) == 64 ? ~0ULL : (1ULL << (n)) - 1)

dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page, size_t offset, size_t size, enum dma_data_direction dir,
			unsigned long attrs);
void dma_unmap_page_attrs(struct device *dev, dma_addr_t address, size_t size, enum dma_data_direction dir,
			unsigned long attrs);
dma_addr_t dma_map_single_attrs(struct device *dev, void *address, size_t size, enum dma_data_direction dir,
			unsigned long attrs);
void dma_unmap_single_attrs(struct device *dev, dma_addr_t address, size_t size, enum dma_data_direction dir,
			unsigned long attrs);
int dma_mapping_error(struct device *dev, dma_addr_t address);
void dma_sync_single_for_cpu(struct device *dev, dma_addr_t address, size_t size, enum dma_data_direction dir);
void dma_sync_single_for_device(struct device *dev, dma_addr_t address, size_t size, enum dma_data_direction dir);
unsigned int dma_map_sg_attrs(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir,
			unsigned long attrs);
void dma_unmap_sg_attrs(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir,
			unsigned long attrs);
void dma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir);
void dma_sync_sg_for_device(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir);
void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle, gfp_t flags);
void dma_free_coherent(struct device *dev, size_t size, void *address, dma_addr_t handle);
int dma_set_mask(struct device *dev, u64 mask);
size_t dma_max_mapping_size(struct device *dev);

int dma_map_sgtable(struct device *dev, struct sg_table *table, enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_sgtable(struct device *dev, struct sg_table *table, enum dma_data_direction dir, unsigned long attrs);
void dma_sync_sgtable_for_cpu(struct device *dev, struct sg_table *table, enum dma_data_direction dir);
void dma_sync_sgtable_for_device(struct device *dev, struct sg_table *table, enum dma_data_direction dir);

#define dma_map_page(dev, page, offset, size, dir) dma_map_page_attrs(dev, page, offset, size, dir, 0)
#define dma_unmap_page(dev, address, size, dir) dma_unmap_page_attrs(dev, address, size, dir, 0)
#define dma_map_single(dev, address, size, dir) dma_map_single_attrs(dev, address, size, dir, 0)
#define dma_unmap_single(dev, address, size, dir) dma_unmap_single_attrs(dev, address, size, dir, 0)
#define dma_map_sg(dev, sgl, nents, dir) dma_map_sg_attrs(dev, sgl, nents, dir, 0)
#define dma_unmap_sg(dev, sgl, nents, dir) dma_unmap_sg_attrs(dev, sgl, nents, dir, 0)
#define dma_alloc_attrs(dev, size, handle, flags, attrs) dma_alloc_coherent(dev, size, handle, flags)
#define dma_free_attrs(dev, size, address, handle, attrs) dma_free_coherent(dev, size, address, handle)
#define dma_sync_single_range_for_cpu(dev, address, offset, size, dir) \
	dma_sync_single_for_cpu(dev, (address) + (offset), size, dir)
#define dma_sync_single_range_for_device(dev, address, offset, size, dir) \
	dma_sync_single_for_device(dev, (address) + (offset), size, dir)
#define dma_set_mask_and_coherent(dev, mask) dma_set_mask(dev, mask)
#define dma_set_coherent_mask(dev, mask) 0
#define dma_set_max_seg_size(dev, size) 0
#define DEFINE_DMA_UNMAP_ADDR(name) dma_addr_t name
#define DEFINE_DMA_UNMAP_LEN(name) unsigned int name
#define dma_unmap_addr(p, name) ((p)->name)
#define dma_unmap_addr_set(p, name, value) ((p)->name = (value))
#define dma_unmap_len(p, name) ((p)->name)
#define dma_unmap_len_set(p, name, value) ((p)->name = (value))

#endif
