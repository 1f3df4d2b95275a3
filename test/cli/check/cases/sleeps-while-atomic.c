/* expect: sleep-in-atomic error */
void *wrong(struct page *page, int length)
{
	char *at = kmap_atomic(page);
	void *copy = kmalloc(length, GFP_KERNEL);

	if (copy)
		memcpy(copy, at, length);
	kunmap_atomic(at);
	return copy;
}

void *right(struct page *page, int length)
{
	char *at = kmap_atomic(page);
	void *copy = kmalloc(length, GFP_ATOMIC);

	if (copy)
		memcpy(copy, at, length);
	kunmap_atomic(at);
	return copy;
}
