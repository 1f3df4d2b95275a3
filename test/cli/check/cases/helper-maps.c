/* expect: leak warning */
static void *get(struct page *page)
{
	if (!page)
		return NULL;
	return kmap_local_page(page);
}

int wrong(struct page *page)
{
	char *at = get(page);

	if (!at)
		return -ENOMEM;
	if (at[0] == 0)
		return -EIO;
	kunmap_local(at);
	return 0;
}

int right(struct page *page)
{
	char *at = get(page);
	int err = 0;

	if (!at)
		return -ENOMEM;
	if (at[0] == 0)
		err = -EIO;
	kunmap_local(at);
	return err;
}
