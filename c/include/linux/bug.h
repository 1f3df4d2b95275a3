/* Conditions that must not hold. */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <linux/compiler.h>

void __scatterlist_bug(const char *condition) __attribute__((noreturn));
void __scatterlist_warn(const char *condition);

#define BUG() __scatterlist_bug("BUG()")
#define BUG_ON(condition) \
	do { \
		if (unlikely(condition)) \
			__scatterlist_bug("BUG_ON(" #condition ")"); \
	} while (0)
#define WARN_ON(condition) \
	({ \
		int __warns = !!(condition); \
		if (unlikely(__warns)) \
			__scatterlist_warn("WARN_ON(" #condition ")"); \
		unlikely(__warns); \
	})
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN(condition, format...) WARN_ON(condition)
#define WARN_ONCE(condition, format...) WARN_ON(condition)
#define VM_BUG_ON(condition) BUG_ON(condition)
#define VM_BUG_ON_PAGE(condition, page) BUG_ON(condition)
#define VM_WARN_ON_ONCE(condition) WARN_ON(condition)
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#define BUILD_BUG_ON_MSG(condition, text) _Static_assert(!(condition), text)
#define static_assert _Static_assert

#endif
