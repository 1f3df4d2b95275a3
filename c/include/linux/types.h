/* Integers and other small types; pointers and long have 32 bits. */
#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

#include <linux/compiler.h>

typedef unsigned char u8, __u8, uint8_t, u_char;
typedef signed char s8, __s8, int8_t;
typedef unsigned short u16, __u16, uint16_t;
typedef short s16, __s16, int16_t;
typedef unsigned int u32, __u32, uint32_t, uint;
typedef int s32, __s32, int32_t;
typedef unsigned long long u64, __u64, uint64_t;
typedef long long s64, __s64, int64_t;
typedef unsigned long ulong;
typedef u16 __le16, __be16;
typedef u32 __le32, __be32;
typedef u64 __le64, __be64;
typedef unsigned long size_t, uintptr_t;
typedef long ssize_t, ptrdiff_t, intptr_t;
typedef long long loff_t;
typedef long off_t;
typedef u64 sector_t, blkcnt_t;
typedef u32 dma_addr_t, phys_addr_t, resource_size_t;
typedef unsigned int gfp_t, fmode_t, slab_flags_t;
typedef unsigned long pgoff_t;
typedef _Bool bool;
typedef s64 ktime_t;
typedef int pid_t;
typedef unsigned short umode_t;

#define true 1
#define false 0
#define NULL ((void *)0)

typedef struct {
	int counter;
} atomic_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define BITS_PER_LONG 32
#define DECLARE_BITMAP(name, bits) unsigned long name[((bits) + 31) / 32]

#endif
