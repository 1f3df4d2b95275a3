/* expect: null-pointer warning */
u32 wrong(struct page **pages, int count, u32 seed)
{
	void *bytes = vmap(pages, count, VM_MAP, PAGE_KERNEL);
	u32 sum = crc32_le(seed, bytes, count * PAGE_SIZE);

	vunmap(bytes);
	return sum;
}

u32 right(struct page **pages, int count, u32 seed)
{
	void *bytes = vmap(pages, count, VM_MAP, PAGE_KERNEL);
	u32 sum = 0;

	if (bytes)
		sum = crc32_le(0, bytes, count * PAGE_SIZE);
	vunmap(bytes);
	return sum;
}
