/* expect: page-overrun note */
void wrong(struct device *dev, struct scatterlist *sg)
{
	char *at = kmap_local_page(sg_page(sg));

	send(dev, at + sg->offset + dev->sector * 512, 512);
	kunmap_local(at);
}

void right(struct device *dev, struct scatterlist *sg)
{
	unsigned int offset = sg->offset + dev->sector * 512;
	char *at = kmap_local_page(nth_page(sg_page(sg), offset / PAGE_SIZE));

	send(dev, at + offset % PAGE_SIZE, 512);
	kunmap_local(at);
}
