/* Ways to map a page. */
#ifndef _LINUX_HIGHMEM_H
#define _LINUX_HIGHMEM_H

#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

void *kmap(struct page *page);
void kunmap(struct page *page);
void *kmap_atomic(struct page *page);
void *kmap_atomic_pfn(unsigned long pfn);
void *kmap_local_page(struct page *page);
void *kmap_local_pfn(unsigned long pfn);
void kunmap_atomic(const void *address);
void kunmap_local(const void *address);
void kmap_flush_unused(void);
struct page *kmap_to_page(const void *address);
bool is_kmap_addr(const void *address);
void copy_highpage(struct page *to, struct page *from);
void clear_highpage(struct page *page);
void memcpy_from_page(void *to, struct page *page, size_t offset, size_t length);
void memcpy_to_page(struct page *page, size_t offset, const void *from, size_t length);
void memcpy_page(struct page *to, size_t to_offset, struct page *from, size_t from_offset, size_t length);
void memset_page(struct page *page, size_t offset, int value, size_t length);
void zero_user_segments(struct page *page, unsigned int start1, unsigned int end1, unsigned int start2,
			unsigned int end2);
void flush_dcache_page(struct page *page);

#define kmap_local_folio(folio, offset) (kmap_local_page(folio_page(folio, (offset) >> PAGE_SHIFT)) + offset_in_page(offset))
#define memzero_page(page, offset, length) memset_page(page, offset, 0, length)
#define zero_user_segment(page, start, end) zero_user_segments(page, start, end, 0, 0)
#define zero_user(page, start, size) zero_user_segments(page, start, (start) + (size), 0, 0)
#define copy_user_highpage(to, from, address, vma) copy_highpage(to, from)
#define clear_user_highpage(page, address) clear_highpage(page)
#define flush_kernel_dcache_page(page) flush_dcache_page(page)

#if defined(SCATTERLIST_KMAP_TO_LOCAL) || defined(SCATTERLIST_KMAP_ATOMIC_TO_LOCAL)
#include <linux/scatterlist-convert.h>
#endif

#endif
