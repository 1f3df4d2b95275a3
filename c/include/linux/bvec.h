/* Bytes in pages that follow each other. */
#ifndef _LINUX_BVEC_H
#define _LINUX_BVEC_H

#include <linux/highmem.h>

struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;
	unsigned int bv_offset;
};

struct bvec_iter {
	sector_t bi_sector;
	unsigned int bi_size;
	unsigned int bi_idx;
	unsigned int bi_bvec_done;
};

__header void bvec_set_page(struct bio_vec *bv, struct page *page, unsigned int length, unsigned int offset)
{
	bv->bv_page = page;
	bv->bv_len = length;
	bv->bv_offset = offset;
}

void *bvec_kmap_local(struct bio_vec *bvec);
void *bvec_virt(struct bio_vec *bvec);
void memcpy_from_bvec(char *to, struct bio_vec *bvec);
void memcpy_to_bvec(struct bio_vec *bvec, const char *from);
void memzero_bvec(struct bio_vec *bvec);

#endif
