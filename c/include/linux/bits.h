/* Bits of a word. */
#ifndef _LINUX_BITS_H
#define _LINUX_BITS_H

#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(high, low) (((~0UL) << (low)) & (~0UL >> (31 - (high))))
#define BITS_PER_BYTE 8

#endif
