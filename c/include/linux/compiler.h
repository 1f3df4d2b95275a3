/* Attributes of the compiler, and accesses that are marked. */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

/* A function of a header: reports name the line that calls it, not a line in here. */
#define __header static inline __attribute__((always_inline, nodebug, unused))

#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define __maybe_unused __attribute__((unused))
#define __always_unused __attribute__((unused))
#define __must_check
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
#define ____cacheline_aligned
#define ____cacheline_aligned_in_smp
#define __user
#define __iomem
#define __force
#define __rcu
#define __percpu
#define __bitwise
#define __init
#define __exit
#define __initdata
#define __ro_after_init
#define __read_mostly
#define __cold
#define __weak __attribute__((weak))
#define __printf(a, b)
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)
#define __counted_by(x)
#define __nocast
#define fallthrough do { } while (0)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" ::: "memory")
#define smp_mb() barrier()
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define mb() barrier()
#define rmb() barrier()
#define wmb() barrier()
#define dma_rmb() barrier()
#define dma_wmb() barrier()

/* A variable that is not zero at first: without one the linker's map would not list those that are. */
__weak int __scatterlist_data = 1;

/* Marks the access that follows: it races with no other marked one. */
void __scatterlist_once(void);

#define READ_ONCE(x) (__scatterlist_once(), *(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) \
	do { \
		__typeof__(x) __value = (value); \
		__scatterlist_once(); \
		*(volatile __typeof__(x) *)&(x) = __value; \
	} while (0)
#define smp_load_acquire(p) READ_ONCE(*(p))
#define smp_store_release(p, value) WRITE_ONCE(*(p), value)
#define data_race(x) (__scatterlist_once(), (x))

#endif
