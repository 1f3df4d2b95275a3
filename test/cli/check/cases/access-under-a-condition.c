/* expect: leak warning */
int wrong(struct page *page, struct inode *base, int err)
{
	char *at = kmap_local_page(page);

	trace(base ? base->i_ino : 0);
	if (base) {
		fill(at, base);
		kunmap_local(at);
	}
	return err;
}

int right(struct page *page, struct inode *base)
{
	char *at = kmap_local_page(page);

	trace(base->i_ino);
	if (base) {
		fill(at, base);
		kunmap_local(at);
	}
	return 0;
}
