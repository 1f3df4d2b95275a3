/* expect: leak error */
int wrong(struct page *page, void *to, unsigned int have, unsigned int want)
{
	char *at = kmap_local_page(page);

	if (have < want) {
		memcpy(to, at, have);
		want -= have;
		if (want > 0)
			return -EAGAIN;
	}
	kunmap_local(at);
	return 0;
}

int right(struct page *page, void *to, unsigned int have, unsigned int want)
{
	char *at = kmap_local_page(page);

	if (have < want) {
		memcpy(to, at, have);
		want -= have;
		kunmap_local(at);
		if (want > 0)
			return -EAGAIN;
		return 1;
	}
	kunmap_local(at);
	return 0;
}

int right_too(struct page *page, void *to, unsigned int have, unsigned int want)
{
	char *at = kmap_local_page(page);

	if (have < want) {
		memcpy(to, at, have);
		if (want - have == 0)
			return 1;
	}
	kunmap_local(at);
	return 0;
}
