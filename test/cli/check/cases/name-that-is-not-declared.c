/* expect: kunmap-unmapped warning */
static struct page *common_page;

int wrong(struct page **page_array, int count)
{
	int i;

	for (i = 0; i < count; i++)
		start(kmap(page_array[i]));
	if (finish(count))
		return 0;
	while (i-- > 0)
		kunmap(pagearray[i]);
	return -EIO;
}

int right(struct page **page_array, int count)
{
	int i;

	for (i = 0; i < count; i++)
		start(kmap(page_array[i]));
	if (finish(count))
		return 0;
	while (i-- > 0)
		kunmap(page_array[i]);
	return -EIO;
}

void right_of_the_file(void)
{
	static struct page *own_page;

	kunmap(own_page);
	kunmap(common_page);
}
