/* expect: leak warning */
static void *get(struct target *target, struct page *page)
{
	if (target->is_mapped)
		return kmap_local_page(page);
	return page;
}

static void put(struct target *target, void *at)
{
	if (target->is_mapped)
		kunmap_local(at);
}

int wrong(struct target *target, struct page *page)
{
	void *at = get(target, page);
	int err = sum(target, at);

	if (err)
		return err;
	put(target, at);
	return 0;
}

int right(struct target *target, struct page **pages, int count)
{
	int err = 0, i;

	for (i = 0; i < count && !err; i++) {
		void *at = get(target, pages[i]);

		err = sum(target, at);
		put(target, at);
	}
	return err;
}
