/* expect: kunmap-unmapped note */
void wrong(struct page **pages, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		struct page *page = pages[i];

		kunmap(page);
		put_page(page);
	}
}

void right(struct page **pages, int count)
{
	int i;

	for (i = 0; i < count; i++)
		put_page(pages[i]);
}
