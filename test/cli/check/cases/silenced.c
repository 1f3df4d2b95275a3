/* expect: nothing */
void right(struct page *page)
{
	char *at = kmap_local_page(page);

	/* scatterlist: ok this kernel never has highmem */
	kunmap_local(page);
}
