/* Counters that are changed at once. */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <linux/types.h>

#define ATOMIC_INIT(i) { (i) }

int atomic_read(const atomic_t *v);
void atomic_set(atomic_t *v, int i);
void atomic_add(int i, atomic_t *v);
void atomic_sub(int i, atomic_t *v);
void atomic_and(int i, atomic_t *v);
void atomic_or(int i, atomic_t *v);
void atomic_xor(int i, atomic_t *v);
int atomic_add_return(int i, atomic_t *v);
int atomic_sub_return(int i, atomic_t *v);
int atomic_fetch_add(int i, atomic_t *v);
int atomic_fetch_sub(int i, atomic_t *v);
int atomic_fetch_and(int i, atomic_t *v);
int atomic_fetch_or(int i, atomic_t *v);
int atomic_fetch_xor(int i, atomic_t *v);
int atomic_xchg(atomic_t *v, int i);
int atomic_cmpxchg(atomic_t *v, int old, int i);
bool atomic_add_unless(atomic_t *v, int i, int unless);
int atomic_dec_if_positive(atomic_t *v);

#define atomic_inc(v) atomic_add(1, v)
#define atomic_dec(v) atomic_sub(1, v)
#define atomic_inc_return(v) atomic_add_return(1, v)
#define atomic_dec_return(v) atomic_sub_return(1, v)
#define atomic_inc_and_test(v) (atomic_add_return(1, v) == 0)
#define atomic_dec_and_test(v) (atomic_sub_return(1, v) == 0)
#define atomic_sub_and_test(i, v) (atomic_sub_return(i, v) == 0)
#define atomic_add_negative(i, v) (atomic_add_return(i, v) < 0)
#define atomic_inc_not_zero(v) atomic_add_unless(v, 1, 0)
#define atomic_inc_unless_negative(v) (atomic_read(v) >= 0 && (atomic_inc(v), true))
#define atomic_try_cmpxchg(v, old, i) \
	({ \
		int *__old = (old), __was = atomic_cmpxchg(v, *__old, i); \
		bool __done = __was == *__old; \
		*__old = __was; \
		__done; \
	})
#define atomic_read_acquire(v) atomic_read(v)
#define atomic_set_release(v, i) atomic_set(v, i)
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic() barrier()

/* A long has 32 bits. */
typedef atomic_t atomic_long_t;
#define ATOMIC_LONG_INIT(i) { (i) }
#define atomic_long_read(v) ((long)atomic_read(v))
#define atomic_long_set(v, i) atomic_set(v, i)
#define atomic_long_inc(v) atomic_inc(v)
#define atomic_long_dec(v) atomic_dec(v)
#define atomic_long_add(i, v) atomic_add(i, v)
#define atomic_long_sub(i, v) atomic_sub(i, v)
#define atomic_long_add_return(i, v) ((long)atomic_add_return(i, v))
#define atomic_long_dec_and_test(v) atomic_dec_and_test(v)

/* Words of any type. */
#define xchg(p, x) ((__typeof__(*(p)))atomic_xchg((atomic_t *)(p), (int)(x)))
#define cmpxchg(p, old, x) ((__typeof__(*(p)))atomic_cmpxchg((atomic_t *)(p), (int)(old), (int)(x)))

#endif
