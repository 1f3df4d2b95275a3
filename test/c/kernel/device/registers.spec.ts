/** Memory of devices in C. */
import { itInCases } from '../cases.ts';

const BEFORE = `#include <linux/io-mapping.h>
#include <linux/iosys-map.h>
#include <linux/slab.h>
#include <linux/scatterlist-explore.h>
static phys_addr_t regs; static char bytes[64];
SETUP(device) { regs = io_region(2); }
`;

describe('memory of devices in C', () => {
  itInCases(BEFORE, [
    [
      'is mapped, read and written by its functions',
      'exhausted',
      `void __iomem *io = ioremap(regs, 4096); int i; writel(0x11223344, io + 8); BUG_ON(readl(io + 8) != 0x11223344 || readb(io + 9) != 0x33);
       writew(7, io + 10); writeb(9, io + 8); BUG_ON(readw(io + 10) != 7 || ioread32(io + 8) != 0x00073309);
       writeq(0x1122334455667788ULL, io + 16); BUG_ON(readq(io + 16) != 0x1122334455667788ULL);
       for (i = 0; i < 16; i++) bytes[i] = i; memcpy_toio(io + 33, bytes, 13); memcpy_fromio(bytes + 32, io + 33, 13);
       BUG_ON(memcmp(bytes, bytes + 32, 13)); memset_io(io + 33, 5, 6); BUG_ON(readb(io + 38) != 5 || readb(io + 39) != 6); iounmap(io);`,
    ],
    [
      'is mapped piece by piece',
      'exhausted',
      `struct io_mapping *map = io_mapping_create_wc(regs, 8192); void __iomem *io = io_mapping_map_local_wc(map, 4096);
       writel(5, io); io_mapping_unmap_local(io); io = io_mapping_map_atomic_wc(map, 4096); BUG_ON(readl(io) != 5 || !in_atomic());
       io_mapping_unmap_atomic(io); io = io_mapping_map_wc(map, 0, 8192); BUG_ON(readl(io + 4096) != 5); io_mapping_unmap(io); io_mapping_free(map);`,
    ],
    [
      'is copied through an iosys_map',
      'exhausted',
      `struct iosys_map map = IOSYS_MAP_INIT_VADDR(bytes); u32 n; iosys_map_memset(&map, 4, 6, 4);
       BUG_ON(bytes[4] != 6 || bytes[7] != 6); iosys_map_set_vaddr_iomem(&map, ioremap(regs, 64)); iosys_map_memset(&map, 0, 1, 4);
       iosys_map_incr(&map, 2); iosys_map_memcpy_to(&map, 0, bytes + 4, 2); iosys_map_incr(&map, -2); iosys_map_memcpy_from(&n, &map, 0, 4);
       BUG_ON(n != 0x06060101); iounmap(map.vaddr_iomem);`,
    ],
    [
      'by frames',
      'exhausted',
      `unsigned long pfns[2] = { (regs >> PAGE_SHIFT) + 1, regs >> PAGE_SHIFT }; void *io = vmap_pfn(pfns, 2, PAGE_KERNEL);
       writel(3, io); vunmap(io); io = ioremap(regs, 8192); BUG_ON(readl(io + 4096) != 3); iounmap(io);`,
    ],
    ['used as plain memory', 'iomem-plain-access', 'u32 *io = ioremap(regs, 64); io[1] = 5; iounmap(io);'],
    [
      'used after iounmap',
      'unmapped-slot',
      'void __iomem *io = ioremap(regs, 64); iounmap(io); writel(1, io);',
    ],
    ['never unmapped', 'leak', 'ioremap(regs, 64);'],
    ['unmapped, and never mapped', 'unmap-address', 'iounmap((void *)0x12345000);'],
    [
      'outside its aperture',
      'range-overrun',
      'struct io_mapping map; io_mapping_init_wc(&map, regs, 4096); io_mapping_map_local_wc(&map, 4096);',
    ],
    ['not of a device', 'exhausted', 'BUG_ON(ioremap(0, 64));'],
  ]);
});
