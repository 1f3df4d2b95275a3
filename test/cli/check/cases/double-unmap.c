/* expect: double-unmap error */
int wrong(struct page *page)
{
	char *at = kmap_atomic(page);
	int first = at[0];

	kunmap_atomic(at);
	if (first < 0)
		goto out;
	return first;
out:
	kunmap_atomic(at);
	return -EIO;
}

int right(struct page *page)
{
	char *at = kmap_atomic(page);
	int first = at[0];

	if (first < 0)
		goto out;
	kunmap_atomic(at);
	return first;
out:
	kunmap_atomic(at);
	return -EIO;
}
