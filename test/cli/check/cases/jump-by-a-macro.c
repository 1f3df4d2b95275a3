/* expect: leak error */
int wrong(struct page *page, int length)
{
	char *at = kmap_local_page(page);
	int err = 0;

	if (length > 100)
		GOTO(out, err = -EINVAL);
	at[0] = 1;
	kunmap_local(at);
out:
	RETURN(err);
}

int right(struct page *page, int length)
{
	char *at = kmap_local_page(page);
	int err = 0;

	if (length > 100)
		GOTO(out, err = -EINVAL);
	at[0] = 1;
out:
	kunmap_local(at);
	RETURN(err);
}
