/* Counts of references, which must not come back from zero. */
#ifndef _LINUX_REFCOUNT_H
#define _LINUX_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/bug.h>

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n) { ATOMIC_INIT(n) }

__header void refcount_set(refcount_t *r, int n) { atomic_set(&r->refs, n); }
__header unsigned int refcount_read(const refcount_t *r) { return atomic_read(&r->refs); }
__header void refcount_add(int i, refcount_t *r)
{
	if (atomic_fetch_add(i, &r->refs) <= 0)
		__scatterlist_warn("refcount_t: addition on 0; use-after-free");
}
__header void refcount_inc(refcount_t *r) { refcount_add(1, r); }
__header bool refcount_inc_not_zero(refcount_t *r) { return atomic_inc_not_zero(&r->refs); }
__header bool refcount_sub_and_test(int i, refcount_t *r)
{
	int before = atomic_fetch_sub(i, &r->refs);

	if (before < i)
		__scatterlist_warn("refcount_t: underflow; use-after-free");
	return before == i;
}
__header bool refcount_dec_and_test(refcount_t *r) { return refcount_sub_and_test(1, r); }
__header void refcount_dec(refcount_t *r)
{
	if (atomic_fetch_sub(1, &r->refs) <= 1)
		__scatterlist_warn("refcount_t: decrement hit 0; leaking memory");
}

#endif
