/* expect: leak error */
struct tuple {
	int words[8];
};

void wrong(struct page *page, int is_whole)
{
	struct tuple tuple;
	struct tuple *at = &tuple;

	if (is_whole)
		at = kmap_local_page(page);
	fill(at);
	if (at == &tuple)
		copy_back(page, at);
}

void right(struct page *page, int is_whole)
{
	struct tuple tuple;
	struct tuple *at = &tuple;

	if (is_whole)
		at = kmap_local_page(page);
	fill(at);
	if (at != &tuple)
		kunmap_local(at);
	else
		copy_back(page, at);
}

void right_too(struct page *page, int is_whole)
{
	char *at = sink;

	if (is_whole)
		at = kmap_local_page(page);
	fill(at);
	if (at != sink)
		kunmap_local(at);
}
