/* expect: nothing */
void right(struct page *page, int flags)
{
	int mapped = flags & 4;
	char *at = NULL;

	if (mapped)
		at = kmap_local_page(page);
	work(flags);
	if (mapped)
		kunmap_local(at);
}
