/* Lists of memory in pieces, laid out as Linux lays them out. */
#ifndef _LINUX_SCATTERLIST_H
#define _LINUX_SCATTERLIST_H

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/types.h>

struct scatterlist {
	unsigned long page_link; /* a struct page or another array, and the two bits below */
	unsigned int offset;
	unsigned int length;
	dma_addr_t dma_address;
	unsigned int dma_length;
	unsigned int dma_flags;
};

struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents; /* as a device sees it */
	unsigned int orig_nents; /* as the CPU sees it */
};

struct sg_append_table {
	struct sg_table sgt;
	struct scatterlist *prv; /* the last entry that was filled */
	unsigned int total_nents;
};

_Static_assert(sizeof(struct scatterlist) == 24, "the library reads entries of this size");

#define SG_CHAIN 1UL
#define SG_END 2UL
#define SG_PAGE_LINK_MASK (SG_CHAIN | SG_END)
#define SG_CHUNK_SIZE 128
#define SG_MAX_SINGLE_ALLOC (PAGE_SIZE / sizeof(struct scatterlist))
#define SG_MAX_SEGMENTS 2048

#define SG_DMA_BUS_ADDRESS 1U
#define SG_DMA_SWIOTLB 2U

#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->dma_length)

__header unsigned int __sg_flags(struct scatterlist *sg) { return sg->page_link & SG_PAGE_LINK_MASK; }
__header bool sg_is_chain(struct scatterlist *sg) { return __sg_flags(sg) & SG_CHAIN; }
__header bool sg_is_last(struct scatterlist *sg) { return __sg_flags(sg) & SG_END; }
__header struct scatterlist *sg_chain_ptr(struct scatterlist *sg)
{
	return (struct scatterlist *)(sg->page_link & ~SG_PAGE_LINK_MASK);
}
__header struct page *sg_page(struct scatterlist *sg) { return (struct page *)(sg->page_link & ~SG_PAGE_LINK_MASK); }
__header void sg_assign_page(struct scatterlist *sg, struct page *page)
{
	sg->page_link = (unsigned long)page | __sg_flags(sg);
}
__header void sg_mark_end(struct scatterlist *sg) { sg->page_link = (sg->page_link | SG_END) & ~SG_CHAIN; }
__header void sg_unmark_end(struct scatterlist *sg) { sg->page_link &= ~SG_END; }
__header void sg_init_marker(struct scatterlist *sgl, unsigned int nents) { sg_mark_end(&sgl[nents - 1]); }
__header dma_addr_t sg_phys(struct scatterlist *sg) { return page_to_phys(sg_page(sg)) + sg->offset; }

__header bool sg_dma_is_bus_address(struct scatterlist *sg) { return sg->dma_flags & SG_DMA_BUS_ADDRESS; }
__header void sg_dma_mark_bus_address(struct scatterlist *sg) { sg->dma_flags |= SG_DMA_BUS_ADDRESS; }
__header void sg_dma_unmark_bus_address(struct scatterlist *sg) { sg->dma_flags &= ~SG_DMA_BUS_ADDRESS; }
__header bool sg_dma_is_swiotlb(struct scatterlist *sg) { return sg->dma_flags & SG_DMA_SWIOTLB; }
__header void sg_dma_mark_swiotlb(struct scatterlist *sg) { sg->dma_flags |= SG_DMA_SWIOTLB; }
#define sg_is_dma_bus_address(sg) sg_dma_is_bus_address(sg)

void sg_set_page(struct scatterlist *sg, struct page *page, unsigned int length, unsigned int offset);
void sg_set_buf(struct scatterlist *sg, const void *buffer, unsigned int length);
void sg_set_folio(struct scatterlist *sg, struct folio *folio, size_t length, size_t offset);
void sg_init_table(struct scatterlist *sgl, unsigned int nents);
void sg_init_one(struct scatterlist *sg, const void *buffer, unsigned int length);
void *sg_virt(struct scatterlist *sg);
void sg_chain(struct scatterlist *array, unsigned int slots, struct scatterlist *to);
#define __sg_chain(slot, to) sg_chain(slot, 1, to)
struct scatterlist *sg_next(struct scatterlist *sg);
struct scatterlist *sg_last(struct scatterlist *sgl, unsigned int nents);
int sg_nents(struct scatterlist *sgl);
int sg_nents_for_len(struct scatterlist *sgl, u64 length);
int sg_nents_for_dma(struct scatterlist *sgl, unsigned int nents, size_t most);

#define for_each_sg(sgl, sg, nents, i) for (i = 0, sg = (sgl); i < (nents); i++, sg = sg_next(sg))
#define for_each_sgtable_sg(table, sg, i) for_each_sg((table)->sgl, sg, (table)->orig_nents, i)
#define for_each_sgtable_dma_sg(table, sg, i) for_each_sg((table)->sgl, sg, (table)->nents, i)

/* Tables. */
typedef struct scatterlist *(sg_alloc_fn)(unsigned int slots, gfp_t flags);
typedef void (sg_free_fn)(struct scatterlist *array, unsigned int slots);

int sg_alloc_table(struct sg_table *table, unsigned int nents, gfp_t flags);
void sg_free_table(struct sg_table *table);
int sg_alloc_append_table_from_pages(struct sg_append_table *append, struct page **pages, unsigned int n_pages,
				     unsigned int offset, unsigned long size, unsigned int max_segment,
				     unsigned int left_pages, gfp_t flags);
void sg_free_append_table(struct sg_append_table *append);
int sg_alloc_table_from_pages_segment(struct sg_table *table, struct page **pages, unsigned int n_pages,
				      unsigned int offset, unsigned long size, unsigned int max_segment, gfp_t flags);
int sg_alloc_table_from_pages(struct sg_table *table, struct page **pages, unsigned int n_pages, unsigned int offset,
			      unsigned long size, gfp_t flags);
int sg_alloc_table_chained(struct sg_table *table, int nents, struct scatterlist *first_chunk,
			   unsigned int nents_first_chunk);
void sg_free_table_chained(struct sg_table *table, unsigned int nents_first_chunk);
struct scatterlist *sgl_alloc(unsigned long long length, gfp_t flags, unsigned int *nents);
struct scatterlist *sgl_alloc_order(unsigned long long length, unsigned int order, bool chainable, gfp_t flags,
				    unsigned int *nents);
void sgl_free(struct scatterlist *sgl);
void sgl_free_order(struct scatterlist *sgl, int order);
void sgl_free_n_order(struct scatterlist *sgl, int nents, int order);
int sg_split(struct scatterlist *in, const int mapped_nents, const off_t skip, const int parts, const size_t *sizes,
	     struct scatterlist **out, int *out_mapped_nents, gfp_t flags);

/* Copies between a list and a buffer. */
size_t sg_copy_buffer(struct scatterlist *sgl, unsigned int nents, void *buffer, size_t length, off_t skip,
		      bool to_buffer);
size_t sg_copy_from_buffer(struct scatterlist *sgl, unsigned int nents, const void *buffer, size_t length);
size_t sg_copy_to_buffer(struct scatterlist *sgl, unsigned int nents, void *buffer, size_t length);
size_t sg_pcopy_from_buffer(struct scatterlist *sgl, unsigned int nents, const void *buffer, size_t length, off_t skip);
size_t sg_pcopy_to_buffer(struct scatterlist *sgl, unsigned int nents, void *buffer, size_t length, off_t skip);
size_t sg_zero_buffer(struct scatterlist *sgl, unsigned int nents, size_t length, off_t skip);

/* The pages of a list, one after another. */
struct sg_page_iter {
	struct scatterlist *sg;
	unsigned int sg_pgoffset;
	unsigned int __nents;
	int __pg_advance;
};

struct sg_dma_page_iter {
	struct sg_page_iter base;
};

void __sg_page_iter_start(struct sg_page_iter *piter, struct scatterlist *sgl, unsigned int nents,
			  unsigned long pgoffset);
bool __sg_page_iter_next(struct sg_page_iter *piter);
bool __sg_page_iter_dma_next(struct sg_dma_page_iter *piter);
dma_addr_t sg_page_iter_dma_address(struct sg_dma_page_iter *piter);

__header struct page *sg_page_iter_page(struct sg_page_iter *piter)
{
	return nth_page(sg_page(piter->sg), piter->sg_pgoffset);
}

#define for_each_sg_page(sgl, piter, nents, pgoffset) \
	for (__sg_page_iter_start((piter), (sgl), (nents), (pgoffset)); __sg_page_iter_next(piter);)
#define for_each_sg_dma_page(sgl, piter, nents, pgoffset) \
	for (__sg_page_iter_start(&(piter)->base, (sgl), (nents), (pgoffset)); __sg_page_iter_dma_next(piter);)
#define for_each_sgtable_page(table, piter, pgoffset) \
	for_each_sg_page((table)->sgl, piter, (table)->orig_nents, pgoffset)
#define for_each_sgtable_dma_page(table, piter, pgoffset) \
	for_each_sg_dma_page((table)->sgl, piter, (table)->nents, pgoffset)

/* The bytes of a list, one mapped chunk after another. */
#define SG_MITER_ATOMIC (1 << 0)
#define SG_MITER_TO_SG (1 << 1)
#define SG_MITER_FROM_SG (1 << 2)
#define SG_MITER_LOCAL (1 << 3)

struct sg_mapping_iter {
	struct page *page;
	void *addr;
	size_t length;
	size_t consumed;
	struct sg_page_iter piter;
	unsigned int __offset;
	unsigned int __remaining;
	unsigned int __flags;
};

void sg_miter_start(struct sg_mapping_iter *miter, struct scatterlist *sgl, unsigned int nents, unsigned int flags);
bool sg_miter_skip(struct sg_mapping_iter *miter, off_t offset);
bool sg_miter_next(struct sg_mapping_iter *miter);
void sg_miter_stop(struct sg_mapping_iter *miter);

#endif
