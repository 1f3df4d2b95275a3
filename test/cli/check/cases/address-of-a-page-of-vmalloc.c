/* expect: no-linear-address warning */
unsigned long wrong(void *area)
{
	return (unsigned long)page_address(vmalloc_to_page(area));
}

unsigned long right(void *area)
{
	char *bytes = page_address(vmalloc_to_page(area));

	if (!bytes)
		return 0;
	return (unsigned long)bytes;
}
