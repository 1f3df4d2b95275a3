/* expect: leak warning */
int wrong(struct page *page, const char *from, long left, long length)
{
	char *at = kmap_local_page(page);

	left -= length;
	if (left <= 0)
		return -EIO;
	memcpy(at, from, length);
	kunmap_local(at);
	return 0;
}

int right(struct page *page, const char *from, long left, long length)
{
	char *at = kmap_local_page(page);
	int err = 0;

	left -= length;
	if (left <= 0)
		err = -EIO;
	else
		memcpy(at, from, length);
	kunmap_local(at);
	return err;
}
