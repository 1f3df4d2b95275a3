/* expect: leak error */
int wrong(struct page *page, void *to, int length)
{
	char *at = kmap_local_page(page);

	if (length > 100)
		return -EINVAL;
	memcpy(to, at, length);
	kunmap_local(at);
	return 0;
}

int right(struct page *page, void *to, int length)
{
	char *at = kmap_local_page(page);
	int err = 0;

	if (length > 100) {
		err = -EINVAL;
		goto out;
	}
	memcpy(to, at, length);
out:
	kunmap_local(at);
	return err;
}
