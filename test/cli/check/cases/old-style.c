/* expect: leak error */
int wrong(page, length)
	struct page *page;
	int length;
{
	char *at = kmap_local_page(page);

	if (length > 64)
		return -EINVAL;
	kunmap_local(at);
	return 0;
}

int right(page, length)
	struct page *page;
	int length;
{
	char *at = kmap_local_page(page);

	kunmap_local(at);
	return 0;
}
