/* expect: unmap-address error */
void wrong(struct page *page)
{
	char *at = kmap_atomic(page);

	at[0] = 1;
	kunmap_atomic(page);
}

void right(struct page *page)
{
	char *at = kmap_atomic(page);

	at[0] = 1;
	kunmap_atomic(at);
}
