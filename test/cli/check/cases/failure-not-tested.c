/* expect: null-pointer warning */
void wrong(struct page **pages, int count, void *from, int length)
{
	char *at = vmap(pages, count, VM_MAP, PAGE_KERNEL);

	memcpy(at, from, length);
	vunmap(at);
}

int right(struct page **pages, int count, void *from, int length)
{
	char *at = vmap(pages, count, VM_MAP, PAGE_KERNEL);

	if (!at)
		return -ENOMEM;
	memcpy(at, from, length);
	vunmap(at);
	return 0;
}
