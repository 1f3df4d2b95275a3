/* expect: nothing */
void right(struct page *page, unsigned long address, void *to)
{
	char *at = kmap_local_page(page);

	at += address & ~PAGE_MASK;
	memcpy(to, at, 8);
	kunmap_local(at);
}
