/* expect: null-pointer warning */
unsigned long wrong(struct io_mapping *mapping, char *to, int offset, int length)
{
	void *at = io_mapping_map_wc(mapping, 0, PAGE_SIZE);
	unsigned long left = copy_to_user(to, (void *)at + offset, length);

	io_mapping_unmap(at);
	return left;
}

unsigned long right(struct io_mapping *mapping, char *to, int offset, int length)
{
	void *at = io_mapping_map_wc(mapping, 0, PAGE_SIZE);
	unsigned long left = length;

	if (at) {
		left = copy_to_user(to, (void *)at + offset, length);
		io_mapping_unmap(at);
	}
	return left;
}

void right_too(struct kunit *test, struct page **pages)
{
	char *at = vmap(pages, 1, VM_MAP, PAGE_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, at);
	at[0] = 1;
	vunmap(at);
}
