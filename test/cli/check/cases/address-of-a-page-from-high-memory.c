/* expect: no-linear-address warning */
int wrong(struct device *device)
{
	struct page *page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	char *bytes;

	if (page == NULL)
		return -ENOMEM;
	bytes = page_address(page);
	bytes[0] = device->kind;
	return add(device, page);
}

int right(struct device *device)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	char *bytes;

	if (page == NULL)
		return -ENOMEM;
	bytes = page_address(page);
	bytes[0] = device->kind;
	return add(device, page);
}

int right_by_a_question(struct device *device)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	if (page == NULL || PageHighMem(page))
		return -ENOMEM;
	clear(page_address(page), PAGE_SIZE);
	return add(device, page);
}
