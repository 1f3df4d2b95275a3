/* expect: unmap-address warning */
void wrong(struct page *page, int count)
{
	u32 *at = kmap_local_page(page);
	int i;

	for (i = 0; i < count; i++)
		*at++ = read_word();
	kunmap_local(at);
}

void right(struct page *page, int count)
{
	u32 *start = kmap_local_page(page);
	u32 *at = start;
	int i;

	for (i = 0; i < count; i++)
		*at++ = read_word();
	kunmap_local(start);
}
