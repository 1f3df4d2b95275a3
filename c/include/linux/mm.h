/* Pages, their numbers and addresses. */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/sched.h>

#define PAGE_ALIGN(address) ALIGN(address, PAGE_SIZE)
#define PAGE_ALIGNED(address) IS_ALIGNED((unsigned long)(address), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))

#define page_to_pfn(page) ((unsigned long)((page) - mem_map))
#define pfn_to_page(pfn) (mem_map + (pfn))
#define page_to_phys(page) ((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define phys_to_page(phys) pfn_to_page((phys) >> PAGE_SHIFT)
#define nth_page(page, n) ((page) + (n))
#define page_private(page) ((page)->private)
#define set_page_private(page, value) ((page)->private = (value))
#define folio_page(folio, n) (&(folio)->page + (n))
#define compound_head(p) (&page_folio(p)->page)
#define page_size(p) folio_size(page_folio(p))
#define folio_size(folio) (PAGE_SIZE * folio_nr_pages(folio))
#define folio_pfn(folio) page_to_pfn(&(folio)->page)
#define folio_address(folio) page_address(&(folio)->page)
#define folio_get(folio) get_page(&(folio)->page)
#define folio_put(folio) put_page(&(folio)->page)
#define folio_alloc(flags, order) ((struct folio *)alloc_pages((flags) | __GFP_COMP, order))
#define page_ref_count(page) ((page)->_refcount)
#define page_count(page) ((page)->_refcount)
#define is_highmem(page) PageHighMem(page)

struct folio *page_folio(const struct page *page);
unsigned long folio_nr_pages(const struct folio *folio);
bool PageHighMem(const struct page *page);
void *page_to_virt(const struct page *page);
phys_addr_t virt_to_phys(const void *address);
void *phys_to_virt(phys_addr_t phys);
void *vmap(struct page **pages, unsigned int count, unsigned long flags, unsigned long protection);
void *vmap_pfn(unsigned long *pfns, unsigned int count, unsigned long protection);
void vunmap(const void *address);
#define vm_map_ram(pages, count, node) vmap(pages, count, VM_MAP, PAGE_KERNEL)
#define vm_unmap_ram(address, count) vunmap(address)
int get_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages);
#define pin_user_pages_fast(start, count, flags, pages) get_user_pages_fast(start, count, flags, pages)
#define unpin_user_pages(pages, n) \
	do { \
		unsigned long __i; \
\
		for (__i = 0; __i < (n); __i++) \
			put_page((pages)[__i]); \
	} while (0)
#define FOLL_WRITE 1
#define FOLL_LONGTERM 0x100
#define lowmem_page_address(page) page_to_virt(page)
#define PageLowMem(page) (!PageHighMem(page))

#define __pa(address) virt_to_phys((void *)(address))
#define __va(phys) phys_to_virt(phys)
#define VM_MAP 4
#define PAGE_KERNEL 0

__header int get_order(unsigned long size)
{
	int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

#endif
