/** Memory for a device in C. */
import { expect } from 'chai';
import { fileOf, itInC, ruleOfFile } from '../../support.ts';
import { itInCases } from '../cases.ts';

const BEFORE = `#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>
MACHINE(highmemPages = 8)
static struct device dev = { .init_name = "disk" }; static struct page *page; static char *low; static dma_addr_t bus;
static struct scatterlist list[2];
SETUP(memory)
{
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	low = kzalloc(64, GFP_KERNEL);
	sg_init_table(list, 2);
	sg_set_page(&list[0], page, 100, 0);
	sg_set_page(&list[1], page, 200, 2048);
}
`;

describe('DMA in C', () => {
  itInCases(BEFORE, [
    [
      'a buffer goes to the device and back',
      'exhausted',
      `char got[8]; strscpy(low, "hello", 8); bus = dma_map_single(&dev, low, 8, DMA_BIDIRECTIONAL); BUG_ON(dma_mapping_error(&dev, bus));
       device_read(&dev, bus, got, 8); BUG_ON(strcmp(got, "hello")); device_write(&dev, bus, "HE", 2);
       dma_sync_single_for_cpu(&dev, bus, 8, DMA_BIDIRECTIONAL); BUG_ON(strcmp(low, "HEllo")); dma_sync_single_for_device(&dev, bus, 8, DMA_BIDIRECTIONAL);
       dma_unmap_single(&dev, bus, 8, DMA_BIDIRECTIONAL); BUG_ON(strcmp(low, "HEllo"));`,
    ],
    [
      'a page of highmem',
      'exhausted',
      `char *at; bus = dma_map_page(&dev, page, 16, 4, DMA_FROM_DEVICE); BUG_ON(dma_mapping_error(&dev, bus)); device_write(&dev, bus, "abcd", 4);
       dma_unmap_page(&dev, bus, 4, DMA_FROM_DEVICE); at = kmap_local_page(page); BUG_ON(at[19] != 'd'); kunmap_local(at);`,
    ],
    [
      'a list',
      'exhausted',
      `int n = dma_map_sg(&dev, list, 2, DMA_TO_DEVICE); struct scatterlist *sg; int i; size_t sum = 0;
       BUG_ON(n != 2); for_each_sg(list, sg, n, i) sum += sg_dma_len(sg); BUG_ON(sum != 300 || sg_dma_address(&list[1]) != sg_phys(&list[1]));
       dma_sync_sg_for_cpu(&dev, list, 2, DMA_TO_DEVICE); dma_sync_sg_for_device(&dev, list, 2, DMA_TO_DEVICE); dma_unmap_sg(&dev, list, 2, DMA_TO_DEVICE);`,
    ],
    [
      'a table',
      'exhausted',
      `struct sg_table table = { list, 2, 2 }; BUG_ON(dma_map_sgtable(&dev, &table, DMA_TO_DEVICE, 0) || table.nents != 2);
       dma_sync_sgtable_for_cpu(&dev, &table, DMA_TO_DEVICE); dma_sync_sgtable_for_device(&dev, &table, DMA_TO_DEVICE);
       dma_unmap_sgtable(&dev, &table, DMA_TO_DEVICE, 0);`,
    ],
    [
      'attributes: nothing is copied back without a sync',
      'dma-cpu-access',
      `bus = dma_map_single_attrs(&dev, low, 8, DMA_FROM_DEVICE, DMA_ATTR_SKIP_CPU_SYNC); BUG_ON(dma_mapping_error(&dev, bus));
       dma_unmap_single_attrs(&dev, bus, 8, DMA_FROM_DEVICE, DMA_ATTR_SKIP_CPU_SYNC); BUG_ON(low[0] == 1);`,
    ],
    [
      'memory that both use',
      'exhausted',
      `dma_addr_t handle; u32 *both = dma_alloc_coherent(&dev, 64, &handle, GFP_KERNEL); BUG_ON(!both || both[3]); both[1] = 0x64636261;
       device_read(&dev, handle + 4, low, 4); BUG_ON(low[3] != 'd'); dma_free_coherent(&dev, 64, both, handle);
       BUG_ON(dma_set_mask(&dev, DMA_BIT_MASK(32)) || dma_max_mapping_size(&dev) < PAGE_SIZE);`,
    ],
    [
      'an address that is not asked about',
      'dma-unchecked',
      'bus = dma_map_single(&dev, low, 8, DMA_TO_DEVICE); device_read(&dev, bus, low + 16, 8); dma_unmap_single(&dev, bus, 8, DMA_TO_DEVICE);',
    ],
    [
      'the CPU touches what the device owns',
      'dma-cpu-access',
      'bus = dma_map_single(&dev, low, 8, DMA_FROM_DEVICE); if (!dma_mapping_error(&dev, bus)) low[0] = 1;',
    ],
    [
      'the device touches what was unmapped',
      'dma-fault',
      'bus = dma_map_single(&dev, low, 8, DMA_TO_DEVICE); dma_mapping_error(&dev, bus); dma_unmap_single(&dev, bus, 8, DMA_TO_DEVICE); device_read(&dev, bus, low, 8);',
    ],
    [
      'of a mapped address',
      'dma-area',
      'char *at = kmap_local_page(page); dma_map_single(&dev, at, 8, DMA_TO_DEVICE);',
    ],
    [
      'unmapped in another direction',
      'dma-mismatch',
      'bus = dma_map_single(&dev, low, 8, DMA_TO_DEVICE); dma_mapping_error(&dev, bus); dma_unmap_single(&dev, bus, 8, DMA_FROM_DEVICE);',
    ],
    ['in no direction', 'dma-direction', 'dma_map_single(&dev, low, 8, DMA_NONE);'],
    ['unmapped twice', 'dma-not-mapped', 'dma_unmap_single(&dev, 0x2000, 8, DMA_TO_DEVICE);'],
    [
      'unmapped with fewer entries',
      'dma-mismatch',
      'dma_map_sg(&dev, list, 2, DMA_TO_DEVICE); dma_unmap_sg(&dev, list, 1, DMA_TO_DEVICE);',
    ],
    [
      'freed while the device uses it',
      'freed-under-dma',
      'bus = dma_map_page(&dev, page, 0, 8, DMA_TO_DEVICE); dma_mapping_error(&dev, bus); __free_page(page);',
    ],
  ]);

  itInC('the device writes at any time, as an interrupt shows', () => {
    const text = (sync: string): string => `${BEFORE}
SETUP(map) { bus = dma_map_single(&dev, low, 8, DMA_FROM_DEVICE); BUG_ON(dma_mapping_error(&dev, bus)); }
static int done;
IRQ(disk) { device_write(&dev, bus, "new data", 8); WRITE_ONCE(done, 1); }
SECTION(task, reads) { if (READ_ONCE(done)) { ${sync} BUG_ON(low[0] != 'n'); } }`;
    expect(ruleOfFile(fileOf(text('dma_unmap_single(&dev, bus, 8, DMA_FROM_DEVICE);')))).to.equal(
      'exhausted',
    );
    expect(ruleOfFile(fileOf(text('')))).to.equal('dma-cpu-access');
  });
});
