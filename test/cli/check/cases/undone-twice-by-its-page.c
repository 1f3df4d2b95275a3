/* expect: double-unmap error */
int wrong(struct page *page, void *from, int length)
{
	char *at = kmap(page);
	int err = copy(at, from, length);

	kunmap(page);
	if (err)
		goto fail;
	return 0;
fail:
	mark_bad(page);
	kunmap(page);
	return err;
}

int right(struct page *page, void *from, int length)
{
	char *at = kmap(page);
	int err = copy(at, from, length);

	kunmap(page);
	if (err)
		goto fail;
	at = kmap(page);
	at[0] = 1;
	kunmap(page);
	return 0;
fail:
	mark_bad(page);
	return err;
}
