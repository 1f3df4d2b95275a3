/* expect: leak error */
int wrong(struct page *first, struct page *second, int length)
{
	struct page *page = first;
	char *at = kmap_local_page(page);

	if (length > 100) {
		kunmap_local(at);
		page = second;
		at = kmap_local_page(page);
	}
	if (is_empty(at))
		return -ENODATA;
	kunmap_local(at);
	return 0;
}

int right(struct page *first, struct page *second, int length)
{
	struct page *page = first;
	char *at = kmap_local_page(page);
	int err = 0;

	if (length > 100) {
		kunmap_local(at);
		page = second;
		at = kmap_local_page(page);
	}
	if (is_empty(at))
		err = -ENODATA;
	kunmap_local(at);
	return err;
}
