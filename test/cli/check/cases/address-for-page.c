/* expect: kunmap-unmapped error */
void wrong(struct page *page)
{
	char *at = kmap(page);

	at[0] = 1;
	kunmap(at);
}

void right(struct page *page)
{
	char *at = kmap(page);

	at[0] = 1;
	kunmap(page);
}
