/* expect: unmap-mismatch error */
void wrong(struct page *page)
{
	char *at = kmap_atomic(page);

	at[0] = 1;
	kunmap_local(at);
}

void right(struct page *page)
{
	char *at = kmap_local_page(page);

	at[0] = 1;
	kunmap_local(at);
}
