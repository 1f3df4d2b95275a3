/* expect: leak error */
int wrong(struct page *page)
{
	char *at = kmap_local_page(page);
#ifdef CONFIG_FAST
	kunmap_local(at);
	return 0;
#else
	if (at[0] == 0)
		return -EIO;
	kunmap_local(at);
	return 0;
#endif
}

int right(struct page *page)
{
	char *at = kmap_local_page(page);
	int err = 0;
#ifdef CONFIG_FAST
	at[0] = 1;
#else
	if (at[0] == 0)
		err = -EIO;
#endif
	kunmap_local(at);
	return err;
}
