/* expect: leak error */
int wrong(struct page *page, int length)
{
	char *at = kmap_local_page(page);
	int err = 0;

	if (length <= 100)
		at[0] = 0;
	else
		err = -EINVAL;
	if (err)
		return err;
	kunmap_local(at);
	return 0;
}

int right(struct page *page, int length)
{
	char *at = kmap_local_page(page);
	int err = 0;

	if (length <= 100)
		at[0] = 0;
	else
		err = -EINVAL;
	kunmap_local(at);
	return err;
}
