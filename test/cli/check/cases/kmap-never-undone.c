/* expect: leak warning */
void wrong(struct device_area *area, unsigned long from, int count)
{
	struct page *pages[16];
	u32 *word;
	int i;

	pin_all(from, count, pages);
	for (i = 0; i < count; i++) {
		word = kmap(pages[i]);
		area_write(area, word[0]);
		unpin_user_page(pages[i]);
	}
}

void right(struct device_area *area, unsigned long from, int count)
{
	struct page *pages[16];
	u32 *word;
	int i;

	pin_all(from, count, pages);
	for (i = 0; i < count; i++) {
		word = kmap(pages[i]);
		area_write(area, word[0]);
		kunmap(pages[i]);
		unpin_user_page(pages[i]);
	}
}

/* Nothing uses the address here: other code that has the page does. */
struct page *right_for_others(struct address_space *mapping, int index)
{
	struct page *page = read_one(mapping, index);

	if (page_is_new(page))
		kmap(page);
	return page;
}

struct cursor {
	struct page *page;
	char *at;
};

/* A function of another file is given the structure with the address. */
int right_in_a_structure(struct inode *inode)
{
	struct cursor it;

	it.page = read_one(inode->i_mapping, 0);
	it.at = kmap(it.page);
	if (it.at[0] == 0)
		return cursor_end(&it);
	return cursor_walk(&it);
}
