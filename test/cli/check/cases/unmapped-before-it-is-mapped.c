/* expect: kunmap-unmapped warning */
int wrong(struct page *page, void *from, int length)
{
	char *at;

	if (!page->mapping) {
		kunmap(page);
		return -EINVAL;
	}
	at = kmap(page);
	memcpy(at, from, length);
	kunmap(page);
	return 0;
}

int right(struct page *page, void *from, int length)
{
	char *at;

	if (!page->mapping)
		return -EINVAL;
	at = kmap(page);
	memcpy(at, from, length);
	kunmap(page);
	return 0;
}
