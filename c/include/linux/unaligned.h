/* Integers at any address. */
#ifndef _LINUX_UNALIGNED_H
#define _LINUX_UNALIGNED_H

#include <linux/kernel.h>

#define get_unaligned(p) \
	({ \
		const struct { __typeof__(*(p)) value; } __packed *__at = (const void *)(p); \
		__at->value; \
	})
#define put_unaligned(v, p) \
	do { \
		struct { __typeof__(*(p)) value; } __packed *__at = (void *)(p); \
		__at->value = (v); \
	} while (0)
#define get_unaligned_le16(p) get_unaligned((const u16 *)(p))
#define get_unaligned_le32(p) get_unaligned((const u32 *)(p))
#define get_unaligned_le64(p) get_unaligned((const u64 *)(p))
#define get_unaligned_be16(p) be16_to_cpu(get_unaligned((const u16 *)(p)))
#define get_unaligned_be32(p) be32_to_cpu(get_unaligned((const u32 *)(p)))
#define put_unaligned_le16(v, p) put_unaligned((u16)(v), (u16 *)(p))
#define put_unaligned_le32(v, p) put_unaligned((u32)(v), (u32 *)(p))
#define put_unaligned_le64(v, p) put_unaligned((u64)(v), (u64 *)(p))
#define put_unaligned_be16(v, p) put_unaligned(cpu_to_be16(v), (u16 *)(p))
#define put_unaligned_be32(v, p) put_unaligned(cpu_to_be32(v), (u32 *)(p))

#endif
