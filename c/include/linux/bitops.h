/* Bits that are changed at once, and others. */
#ifndef _LINUX_BITOPS_H
#define _LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

void set_bit(unsigned int bit, volatile unsigned long *map);
void clear_bit(unsigned int bit, volatile unsigned long *map);
void change_bit(unsigned int bit, volatile unsigned long *map);
bool test_bit(unsigned int bit, const volatile unsigned long *map);
bool test_and_set_bit(unsigned int bit, volatile unsigned long *map);
bool test_and_clear_bit(unsigned int bit, volatile unsigned long *map);
bool test_and_change_bit(unsigned int bit, volatile unsigned long *map);

#define BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define clear_bit_unlock(bit, map) clear_bit(bit, map)
#define test_and_set_bit_lock(bit, map) test_and_set_bit(bit, map)

__header void __set_bit(unsigned int bit, unsigned long *map) { map[BIT_WORD(bit)] |= BIT_MASK(bit); }
__header void __clear_bit(unsigned int bit, unsigned long *map) { map[BIT_WORD(bit)] &= ~BIT_MASK(bit); }
__header int fls(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }
__header int ffs(int x) { return __builtin_ffs(x); }
__header unsigned long __ffs(unsigned long x) { return __builtin_ctzl(x); }
__header unsigned long __fls(unsigned long x) { return 31 - __builtin_clzl(x); }
#define ffz(x) __ffs(~(x))
#define hweight32(x) ((unsigned int)__builtin_popcount(x))
#define hweight8(x) hweight32((x) & 0xff)

__header unsigned long find_next_bit(const unsigned long *map, unsigned long bits, unsigned long from)
{
	for (; from < bits; from++)
		if (map[BIT_WORD(from)] & BIT_MASK(from))
			return from;
	return bits;
}
__header unsigned long find_next_zero_bit(const unsigned long *map, unsigned long bits, unsigned long from)
{
	for (; from < bits; from++)
		if (!(map[BIT_WORD(from)] & BIT_MASK(from)))
			return from;
	return bits;
}
#define find_first_bit(map, bits) find_next_bit(map, bits, 0)
#define find_first_zero_bit(map, bits) find_next_zero_bit(map, bits, 0)
#define for_each_set_bit(bit, map, bits) \
	for ((bit) = find_first_bit(map, bits); (bit) < (bits); (bit) = find_next_bit(map, bits, (bit) + 1))

#endif
