/* expect: nothing */
static void drop(void *at, int mapped)
{
	if (mapped)
		kunmap_local(at);
}

void right(struct page *page, int flags)
{
	int mapped = flags & 4;
	char *at = NULL;

	if (mapped)
		at = kmap_local_page(page);
	drop(at, mapped);
}
