/* Vectors of memory. */
#ifndef _LINUX_UIO_H
#define _LINUX_UIO_H

#include <linux/bvec.h>
#include <linux/scatterlist.h>
#include <linux/uaccess.h>

struct iovec {
	void __user *iov_base;
	size_t iov_len;
};

struct kvec {
	void *iov_base;
	size_t iov_len;
};

enum iter_type { ITER_UBUF, ITER_IOVEC, ITER_BVEC, ITER_KVEC, ITER_FOLIOQ, ITER_DISCARD };

#define ITER_SOURCE 1
#define ITER_DEST 0

struct iov_iter {
	u8 iter_type;
	bool data_source;
	size_t iov_offset;
	size_t count;
	unsigned long nr_segs;
	union {
		void __user *ubuf;
		const struct iovec *__iov;
		const struct kvec *kvec;
		const struct bio_vec *bvec;
	};
};

__header void __iov_iter_set(struct iov_iter *i, enum iter_type type, unsigned int direction, const void *segs,
			     unsigned long n, size_t count)
{
	i->iter_type = type;
	i->data_source = direction;
	i->iov_offset = 0;
	i->count = count;
	i->nr_segs = n;
	i->ubuf = (void *)segs;
}
#define iov_iter_bvec(i, direction, vectors, n, count) __iov_iter_set(i, ITER_BVEC, direction, vectors, n, count)
#define iov_iter_kvec(i, direction, vectors, n, count) __iov_iter_set(i, ITER_KVEC, direction, vectors, n, count)
#define iov_iter_init(i, direction, vectors, n, count) __iov_iter_set(i, ITER_IOVEC, direction, vectors, n, count)
#define iov_iter_ubuf(i, direction, buffer, count) __iov_iter_set(i, ITER_UBUF, direction, buffer, 1, count)
#define iov_iter_discard(i, direction, count) __iov_iter_set(i, ITER_DISCARD, direction, NULL, 0, count)
#define iov_iter_count(i) ((i)->count)
#define iov_iter_rw(i) ((i)->data_source)
#define iov_iter_extract_will_pin(i) ((i)->iter_type == ITER_UBUF || (i)->iter_type == ITER_IOVEC)

/* Not in 6.1. The list gets entries behind those that it has. */
ssize_t extract_iter_to_sg(struct iov_iter *i, size_t bytes, struct sg_table *table, unsigned int most, unsigned int flags);
void unpin_user_page(struct page *page);

#endif
