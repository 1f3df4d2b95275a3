/* expect: freed-while-mapped note */
int wrong(struct device *device)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *bytes;

	if (!page)
		return -ENOMEM;
	add_page(device, page);
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
	add_page(device, page);
	bytes = kmap_local_page(page);
	read_bytes(device, bytes);
	kunmap_local(bytes);
	put_page(page);
	return 0;
}
