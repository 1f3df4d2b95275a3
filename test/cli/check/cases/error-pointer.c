/* expect: nothing */
static void *get(struct inode *inode, struct page **found)
{
	struct page *page = read_page(inode);

	if (IS_ERR(page))
		return ERR_CAST(page);
	*found = page;
	return kmap_local_page(page);
}

int right(struct inode *inode)
{
	struct page *page;
	char *at = get(inode, &page);

	if (IS_ERR(at))
		return PTR_ERR(at);
	kunmap_local(at);
	return 0;
}
