/* Division of 64 bits. */
#ifndef _LINUX_MATH64_H
#define _LINUX_MATH64_H

#include <linux/types.h>

#define do_div(n, base) \
	({ \
		u32 __rest = (u64)(n) % (u32)(base); \
		(n) = (u64)(n) / (u32)(base); \
		__rest; \
	})
#define div_u64(n, d) ((u64)(n) / (u32)(d))
#define div64_u64(n, d) ((u64)(n) / (u64)(d))
#define div_s64(n, d) ((s64)(n) / (s32)(d))
#define div_u64_rem(n, d, rest) ({ *(rest) = (u64)(n) % (u32)(d); (u64)(n) / (u32)(d); })
#define mul_u32_u32(a, b) ((u64)(u32)(a) * (u32)(b))

#endif
