/* Two segments at odd addresses, read or written; an interrupt maps one of their pages meanwhile. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#define SEGMENTS 2

static struct scatterlist list[SEGMENTS];
static struct device device;
static struct mmc_host mmc = { .parent = &device };
static const struct sdhci_ops ops;
static struct sdhci_host host = { .mmc = &mmc, .ops = &ops, .max_adma = 65536, .desc_sz = 8 };
static struct mmc_data data = { .sg = list, .sg_len = SEGMENTS };

SETUP(card)
{
	int i;

	sg_init_table(list, SEGMENTS);
	for (i = 0; i < SEGMENTS; i++)
		sg_set_page(&list[i], alloc_page(GFP_HIGHUSER | __GFP_ZERO), 64, i == 0 ? 1 : 4030);
	host.adma_table_sz = 8 * (2 * SEGMENTS + 1);
	host.adma_table = kzalloc(host.adma_table_sz, GFP_KERNEL);
	host.align_buffer = kzalloc(SDHCI_ADMA2_ALIGN * SEGMENTS, GFP_KERNEL);
	data.flags = choose(2) == 0 ? MMC_DATA_READ : MMC_DATA_WRITE;
}

SECTION(task, request)
{
	int way = data.flags & MMC_DATA_READ ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
	int count = dma_map_sg(&device, list, SEGMENTS, way);

	sdhci_adma_table_pre(&host, &data, count);
	sdhci_adma_table_post(&host, &data);
	dma_unmap_sg(&device, list, SEGMENTS, way);
	kfree(host.align_buffer);
	kfree(host.adma_table);
}

IRQ(other)
{
	char *at = kmap_atomic(sg_page(&list[0]));

	kunmap_atomic(at);
}

PROGRAM(allow = leak)
