/* expect: leak error */
int wrong(struct page **pages, int count)
{
	char *at = vmap(pages, count, VM_MAP, PAGE_KERNEL);

	if (!at)
		return -ENOMEM;
	if (check(at) < 0)
		return -EINVAL;
	vunmap(at);
	return 0;
}

int right(struct page **pages, int count)
{
	char *at = vmap(pages, count, VM_MAP, PAGE_KERNEL);
	int err;

	if (!at)
		return -ENOMEM;
	err = check(at);
	vunmap(at);
	return err;
}
