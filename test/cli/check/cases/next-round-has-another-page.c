/* expect: use-after-unmap error */
void wrong(struct page *page, char *to, int length)
{
	char *at = kmap_local_page(page);

	if (length > 4)
		kunmap_local(at);
	else
		flush(at);
	if (length > 4)
		memcpy(to, at, 4);
	else
		kunmap_local(at);
}

void right(struct page *page, char *start, int count)
{
	int i;

	for (i = 0; i < count; i++, page++, start += PAGE_SIZE) {
		if (PageHighMem(page)) {
			start = kmap_local_page(page);
			flush(start);
			kunmap_local(start);
		} else
			flush(start);
	}
}
