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

/* The vectors that an iterator passes; one that is not finished gives what is left of it. */
__header struct bio_vec __bvec_at(const struct bio_vec *vectors, struct bvec_iter iter)
{
	struct bio_vec vector = vectors[iter.bi_idx];

	vector.bv_offset += iter.bi_bvec_done;
	vector.bv_len -= iter.bi_bvec_done;
	if (vector.bv_len > iter.bi_size)
		vector.bv_len = iter.bi_size;
	return vector;
}
__header void bvec_iter_advance_single(const struct bio_vec *vectors, struct bvec_iter *iter, unsigned int bytes)
{
	iter->bi_bvec_done += bytes;
	iter->bi_size -= bytes;
	if (iter->bi_bvec_done == vectors[iter->bi_idx].bv_len) {
		iter->bi_bvec_done = 0;
		iter->bi_idx++;
	}
}
#define bvec_iter_bvec(vectors, iter) __bvec_at(vectors, iter)
#define for_each_bvec(vector, vectors, iter, start) \
	for ((iter) = (start); (iter).bi_size != 0 && ((vector) = __bvec_at(vectors, iter), 1); \
	     bvec_iter_advance_single(vectors, &(iter), (vector).bv_len))

void *bvec_kmap_local(struct bio_vec *bvec);
void *bvec_virt(struct bio_vec *bvec);
void memcpy_from_bvec(char *to, struct bio_vec *bvec);
void memcpy_to_bvec(struct bio_vec *bvec, const char *from);
void memzero_bvec(struct bio_vec *bvec);

#endif
