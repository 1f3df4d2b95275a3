/* expect: nothing */
void right(struct scatterlist *sg, int count, void *to)
{
	int i;

	for (i = 0; i < count; i++, sg = sg_next(sg)) {
		struct page *page = sg_page(sg);
		char *at = kmap(page);

		if (sg->length > 16)
			memcpy(to, at, 16);
		else
			memcpy(to, at, sg->length);
		kunmap(page);
	}
}
