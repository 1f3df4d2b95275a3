/* expect: freed-while-mapped warning */
static void drop(struct device *device, struct page *page)
{
	device->pages--;
	__free_page(page);
}

void wrong(struct device *device, struct page *page)
{
	char *bytes = kmap_local_page(page);

	send(device, bytes);
	drop(device, page);
	kunmap_local(bytes);
}

void right(struct device *device, struct page *page)
{
	char *bytes = kmap_local_page(page);

	send(device, bytes);
	kunmap_local(bytes);
	drop(device, page);
}
