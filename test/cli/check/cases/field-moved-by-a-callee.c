/* expect: unmap-address warning */
struct reader {
	char *at;
	int left;
};

static int find(struct reader *reader, int wanted)
{
	while (reader->left-- > 0)
		if (*reader->at++ == wanted)
			return 1;
	return 0;
}

int wrong(struct reader *reader, struct page *page)
{
	int found;

	reader->at = kmap_local_page(page);
	found = find(reader, 7);
	kunmap_local(reader->at);
	return found;
}

int right(struct reader *reader, struct page *page)
{
	char *start = kmap_local_page(page);
	int found;

	reader->at = start;
	found = find(reader, 7);
	kunmap_local(start);
	return found;
}
