/* expect: leak error */
int wrong(struct page **pages, int first)
{
	struct page **page = pages + first;
	char *at = kmap(*page);
	int err = fill(at);

	if (err)
		kunmap(*page);
	return err;
}

int right(struct page **pages, int first, int count)
{
	struct page **page = NULL;
	int err = 0;

	if (count > 0) {
		page = pages + first;
		err = fill(kmap(*page));
	}
	if (page)
		kunmap(*page);
	return err;
}
