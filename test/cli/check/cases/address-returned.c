/* expect: nothing */
void *right(struct page *page)
{
	return kmap_local_page(page) + 16;
}
