/* Fragments of socket buffers. */
#ifndef _LINUX_SKBUFF_H
#define _LINUX_SKBUFF_H

#include <linux/bvec.h>

typedef struct bio_vec skb_frag_t;

__header unsigned int skb_frag_size(const skb_frag_t *frag) { return frag->bv_len; }
__header void skb_frag_size_set(skb_frag_t *frag, unsigned int size) { frag->bv_len = size; }
__header unsigned int skb_frag_off(const skb_frag_t *frag) { return frag->bv_offset; }
__header void skb_frag_off_set(skb_frag_t *frag, unsigned int offset) { frag->bv_offset = offset; }
__header struct page *skb_frag_page(const skb_frag_t *frag) { return frag->bv_page; }
__header void *skb_frag_address(const skb_frag_t *frag) { return page_address(frag->bv_page) + frag->bv_offset; }
__header void *skb_frag_address_safe(const skb_frag_t *frag)
{
	void *page = page_address(frag->bv_page);

	return page ? page + frag->bv_offset : NULL;
}

bool skb_frag_must_loop(struct page *page);

#define skb_frag_foreach_page(f, f_off, f_len, p, p_off, p_len, copied) \
	for (p = skb_frag_page(f) + ((f_off) >> PAGE_SHIFT), p_off = (f_off) & (PAGE_SIZE - 1), copied = 0, \
	    p_len = skb_frag_must_loop(p) ? min_t(u32, f_len, PAGE_SIZE - p_off) : (f_len); \
	     copied < (f_len); copied += p_len, p++, p_off = 0, p_len = min_t(u32, (f_len) - copied, PAGE_SIZE))

#endif
