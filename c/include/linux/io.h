/* Memory of devices. */
#ifndef _LINUX_IO_H
#define _LINUX_IO_H

#include <linux/mm.h>
#include <linux/types.h>

void __iomem *ioremap(phys_addr_t phys, size_t size);
void __iomem *ioremap_wc(phys_addr_t phys, size_t size);
void __iomem *ioremap_wt(phys_addr_t phys, size_t size);
void __iomem *ioremap_uc(phys_addr_t phys, size_t size);
void __iomem *ioremap_np(phys_addr_t phys, size_t size);
void __iomem *ioremap_cache(phys_addr_t phys, size_t size);
void iounmap(volatile void __iomem *address);

u8 readb(const volatile void __iomem *address);
u16 readw(const volatile void __iomem *address);
u32 readl(const volatile void __iomem *address);
void writeb(u8 value, volatile void __iomem *address);
void writew(u16 value, volatile void __iomem *address);
void writel(u32 value, volatile void __iomem *address);
void memcpy_fromio(void *to, const volatile void __iomem *from, size_t size);
void memcpy_toio(volatile void __iomem *to, const void *from, size_t size);
void memset_io(volatile void __iomem *to, int value, size_t size);

/* A CPU of 32 bits takes two accesses, the low half first. */
__header u64 readq(const volatile void __iomem *address)
{
	u32 low = readl(address), high = readl((const volatile u8 *)address + 4);

	return low | (u64)high << 32;
}
__header void writeq(u64 value, volatile void __iomem *address)
{
	writel((u32)value, address);
	writel((u32)(value >> 32), (volatile u8 *)address + 4);
}
#define lo_hi_readq readq
#define lo_hi_writeq writeq

#define readb_relaxed readb
#define readw_relaxed readw
#define readl_relaxed readl
#define writeb_relaxed writeb
#define writew_relaxed writew
#define writel_relaxed writel
#define __raw_readb readb
#define __raw_readw readw
#define __raw_readl readl
#define __raw_writeb writeb
#define __raw_writew writew
#define __raw_writel writel
#define ioread8 readb
#define ioread16 readw
#define ioread32 readl
#define iowrite8 writeb
#define iowrite16 writew
#define iowrite32 writel

/* Many accesses to one register. */
__header void ioread16_rep(const volatile void __iomem *from, void *to, unsigned long count)
{
	u16 *at = to;

	while (count--)
		*at++ = readw(from);
}
__header void ioread32_rep(const volatile void __iomem *from, void *to, unsigned long count)
{
	u32 *at = to;

	while (count--)
		*at++ = readl(from);
}
__header void iowrite16_rep(volatile void __iomem *to, const void *from, unsigned long count)
{
	const u16 *at = from;

	while (count--)
		writew(*at++, to);
}
__header void iowrite32_rep(volatile void __iomem *to, const void *from, unsigned long count)
{
	const u32 *at = from;

	while (count--)
		writel(*at++, to);
}
#define readsw ioread16_rep
#define readsl ioread32_rep
#define writesw iowrite16_rep
#define writesl iowrite32_rep

#endif
