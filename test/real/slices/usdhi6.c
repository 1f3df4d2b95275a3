/* A read of three blocks of 512 bytes into a segment that begins at 3840: the page ends inside of the first block. */
#include <linux/scatterlist.h>

static struct scatterlist list[1];
static struct mmc_command command;
static struct mmc_data data = { .sg = list, .sg_len = 1, .blksz = 512, .blocks = 3, .flags = MMC_DATA_READ };
static struct mmc_request request = { .cmd = &command, .data = &data };
static struct mmc_host mmc;
static struct usdhi6_host host = { .mmc = &mmc, .mrq = &request, .wait = USDHI6_WAIT_FOR_MREAD };

SETUP(card)
{
	sg_init_table(list, 1);
	sg_set_page(list, alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 1), 3 * 512, 3840);
	sg_dma_len(list) = 3 * 512;
}

SECTION(task, transfer)
{
	usdhi6_sg_prep(&host);
	while (host.wait == USDHI6_WAIT_FOR_MREAD) {
		usdhi6_blk_read(&host);
		usdhi6_sg_advance(&host);
	}
	usdhi6_sg_unmap(&host, true);
}

CHECK(all_blocks)
{
	return host.sg == NULL && data.error == 0;
}
