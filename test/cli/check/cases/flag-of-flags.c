/* expect: leak error */
int wrong(struct page *page, int wanted, int other)
{
	int maps = wanted && page;
	int needs = other || maps;
	char *at = NULL;

	if (maps)
		at = kmap_local_page(page);
	if (needs)
		return use(at);
	return 0;
}

int right(struct page *page, int wanted, int other)
{
	int maps = wanted && page;
	int needs = other || maps;
	char *at = NULL;
	int err = 0;

	if (maps)
		at = kmap_local_page(page);
	if (needs)
		err = use(at);
	if (needs && wanted && page)
		kunmap_local(at);
	return err;
}
