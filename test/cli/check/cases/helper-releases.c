/* expect: leak error */
static void drop(void *at, struct page *page)
{
	kunmap_local(at);
	put_page(page);
}

int wrong(struct page *page)
{
	char *at = kmap_local_page(page);

	if (at[0] == 0)
		return -EIO;
	drop(at, page);
	return 0;
}

int right(struct page *page)
{
	char *at = kmap_local_page(page);

	if (at[0] == 0) {
		drop(at, page);
		return -EIO;
	}
	drop(at, page);
	return 0;
}
