/* expect: page-overrun note */
void wrong(struct scatterlist *sg, void *to)
{
	char *at = kmap_local_page(sg_page(sg));

	memcpy(to, at + sg->offset, sg->length);
	kunmap_local(at);
}

void right(struct scatterlist *sg, void *to)
{
	char *at = kmap_local_page(sg_page(sg));

	memcpy(to, at + sg->offset, min(sg->length, PAGE_SIZE - sg->offset));
	kunmap_local(at);
}
