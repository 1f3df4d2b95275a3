/* expect: freed-while-mapped error */
void wrong(struct page *page)
{
	char *at = kmap_local_page(page);

	at[0] = 0;
	__free_page(page);
	kunmap_local(at);
}

void right(struct page *page)
{
	char *at = kmap_local_page(page);

	at[0] = 0;
	kunmap_local(at);
	__free_page(page);
}
