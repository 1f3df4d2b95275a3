/* expect: leak error */
int wrong(struct page **pages, int count)
{
	char *at = NULL;
	int index = 0, i = 0;

	do {
		if (i % 4 == 0) {
			if (index)
				kunmap_local(at);
			if (!pages[index])
				return -EIO;
			at = kmap_local_page(pages[index]);
			index++;
		}
		if (is_last(at, i))
			return 0;
	} while (++i < count);
	kunmap_local(at);
	return 0;
}

int right(struct page **pages, int count)
{
	char *at = NULL;
	int index = 0, i = 0;

	do {
		if (i % 4 == 0) {
			if (index)
				kunmap_local(at);
			if (!pages[index])
				return -EIO;
			at = kmap_local_page(pages[index]);
			index++;
		}
		if (is_last(at, i))
			break;
	} while (++i < count);
	kunmap_local(at);
	return 0;
}
