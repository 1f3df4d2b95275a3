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
void *kmap_high_get(struct page *page);
void kunmap_high(struct page *page);
void *kmap_local_page_try_from_panic(struct page *page);
void kmap_assert_nomap(void);
void pgmap_set_readwrite(struct page *page);
void pgmap_set_noaccess(struct page *page);
void copy_user_highpage(struct page *to, struct page *from, unsigned long address, struct vm_area_struct *vma);
void clear_user_highpages(struct page *page, unsigned long address, unsigned int count);
int copy_mc_highpage(struct page *to, struct page *from);
int copy_mc_user_highpage(struct page *to, struct page *from, unsigned long address, struct vm_area_struct *vma);

void *kmap_local_folio(struct folio *folio, size_t offset);
bool folio_test_partial_kmap(const struct folio *folio);
void folio_release_kmap(struct folio *folio, void *address);
void flush_dcache_folio(struct folio *folio);
void memcpy_from_folio(char *to, struct folio *folio, size_t offset, size_t length);
void memcpy_to_folio(struct folio *folio, size_t offset, const char *from, size_t length);
void memcpy_folio(struct folio *to, size_t to_offset, struct folio *from, size_t from_offset, size_t length);
size_t memcpy_from_file_folio(char *to, struct folio *folio, loff_t position, size_t length);
void folio_zero_segments(struct folio *folio, size_t start1, size_t end1, size_t start2, size_t end2);
void folio_zero_segment(struct folio *folio, size_t start, size_t end);
void folio_zero_range(struct folio *folio, size_t start, size_t length);
void *folio_zero_tail(struct folio *folio, size_t offset, void *address);
void folio_fill_tail(struct folio *folio, size_t offset, const char *from, size_t length);

#define memzero_page(page, offset, length) memset_page(page, offset, 0, length)
#define zero_user_segment(page, start, end) zero_user_segments(page, start, end, 0, 0)
#define zero_user(page, start, size) zero_user_segments(page, start, (start) + (size), 0, 0)
#define kmap_local_page_prot(page, protection) kmap_local_page(page)
#define kmap_atomic_prot(page, protection) kmap_atomic(page)
#define clear_highpage_kasan_tagged(page) clear_highpage(page)
#define clear_user_page(address, user_address, page) ((void)memset(address, 0, PAGE_SIZE))
#define clear_user_pages(address, user_address, page, n) ((void)memset(address, 0, (n) * PAGE_SIZE))
#define vma_alloc_zeroed_movable_folio(vma, address) folio_alloc(GFP_HIGHUSER_MOVABLE | __GFP_ZERO, 0)
#define unmap_and_put_page(page, address) \
	do { \
		kunmap_local(address); \
		put_page(page); \
	} while (0)
#define clear_user_highpage(page, address) clear_user_highpages(page, address, 1)
#define flush_kernel_dcache_page(page) flush_dcache_page(page)

#if defined(SCATTERLIST_KMAP_TO_LOCAL) || defined(SCATTERLIST_KMAP_ATOMIC_TO_LOCAL)
#include <linux/scatterlist-convert.h>
#endif

#endif
