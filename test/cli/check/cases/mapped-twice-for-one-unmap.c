/* expect: leak warning */
struct page *wrong(struct inode *inode)
{
	struct page *page = read_page(inode);

	kmap(page);
	if (!PageUptodate(page)) {
		kunmap(page);
		return NULL;
	}
	kmap(page);
	return page;
}

struct page *right(struct inode *inode)
{
	struct page *page = read_page(inode);

	kmap(page);
	if (!PageUptodate(page)) {
		kunmap(page);
		return NULL;
	}
	return page;
}
