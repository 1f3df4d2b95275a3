/* expect: no-linear-address warning */
struct host {
	struct scatterlist *entry;
	unsigned int left;
};

static void start(struct host *host, struct mmc_data *data)
{
	host->entry = data->sg;
	host->left = data->blocks;
}

static void wrong(struct host *host)
{
	u32 *words = sg_virt(host->entry);

	dev_dbg(host->dev, "%p\n", sg_virt(host->entry));
	send_words(host, words, host->left);
}

static void right(struct host *host, struct mmc_data *data)
{
	struct sg_mapping_iter iterator;

	dev_dbg(host->dev, "%p\n", sg_virt(data->sg));
	sg_miter_start(&iterator, data->sg, data->sg_len, SG_MITER_ATOMIC);
	while (sg_miter_next(&iterator))
		send_words(host, iterator.addr, iterator.length);
	sg_miter_stop(&iterator);
}

static void right_of_its_own(struct host *host)
{
	memset(sg_virt(&host->own), 0, 4);
}
