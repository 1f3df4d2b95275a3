/* expect: leak warning */
static void *begin(struct tuple *own, struct page *page)
{
	if (page)
		return kmap_local_page(page);
	return own;
}

static void end(struct tuple *own, void *at)
{
	if (at != own)
		kunmap_local(at);
}

int wrong(struct page *page)
{
	struct tuple own;
	void *at = begin(&own, page);
	int err = fill(at);

	if (!err)
		end(&own, at);
	return err;
}

int right(struct page *page)
{
	struct tuple own;
	void *at = begin(&own, page);
	int err = fill(at);

	end(&own, at);
	return err;
}
