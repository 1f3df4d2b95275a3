/* expect: freed-while-mapped warning */
int wrong(struct device *device)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *bytes;

	if (!page)
		return -ENOMEM;
	bytes = kmap_local_page(page);
	read_bytes(device, bytes);
	put_page(page);
	kunmap_local(bytes);
	return 0;
}

int right(struct device *device)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *bytes;

	if (!page)
		return -ENOMEM;
	bytes = kmap_local_page(page);
	read_bytes(device, bytes);
	kunmap_local(bytes);
	put_page(page);
	return 0;
}

int right_of_the_cache(struct address_space *mapping, struct device *device)
{
	struct page *page = find_get_page(mapping, 0);
	char *bytes;

	if (!page)
		return -ENOENT;
	bytes = kmap_local_page(page);
	put_page(page);
	read_bytes(device, bytes);
	kunmap_local(bytes);
	return 0;
}
