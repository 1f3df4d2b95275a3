/* expect: nothing */
void right(struct scatterlist *list, int count, void *to)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, count, i) {
		char *at = kmap_atomic(sg_page(sg));

		memcpy(to, at + sg->offset, sg->length);
		kunmap_atomic(at);
	}
}
