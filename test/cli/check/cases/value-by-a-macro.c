/* expect: leak error */
int wrong(struct page *page)
{
	struct request *request = NULL;
	char *at;

	ALLOC_REQUEST(request, 64);
	if (!request)
		return -ENOMEM;
	at = kmap_local_page(page);
	if (at[0] == 0)
		return -EIO;
	kunmap_local(at);
	return 0;
}

int right(struct page *page)
{
	struct request *request = NULL;
	char *at;
	int err = 0;

	ALLOC_REQUEST(request, 64);
	if (!request)
		return -ENOMEM;
	at = kmap_local_page(page);
	if (at[0] == 0)
		err = -EIO;
	kunmap_local(at);
	return err;
}
