/* expect: leak error */
DEFINE_FREE(unmap, void *, if (_T) kunmap_local(_T))

int wrong(struct page *page, struct host *host)
{
	char *at __free(unmap) = kmap_local_page(page);
	char *lost;

	if (!host->isReady)
		return -EINVAL;
	lost = no_free_ptr(at);
	return lost[0];
}

char *right(struct page *page, struct host *host)
{
	char *at __free(unmap) = kmap_local_page(page);

	if (!host->isReady)
		return NULL;
	return_ptr(at);
}
