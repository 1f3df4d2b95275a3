/* Time, which passes by one with each look at it. */
#ifndef _LINUX_JIFFIES_H
#define _LINUX_JIFFIES_H

#include <linux/types.h>

#define HZ 100

unsigned long __scatterlist_jiffies(void);

#define jiffies __scatterlist_jiffies()
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define msecs_to_jiffies(n) ((unsigned long)((n) + 9) / 10)
#define usecs_to_jiffies(n) ((unsigned long)((n) + 9999) / 10000)
#define jiffies_to_msecs(n) ((unsigned int)(n) * 10)
#define MAX_SCHEDULE_TIMEOUT ((long)(~0UL >> 1))

#endif
