/* expect: nothing */
void right(struct cache *cache, struct page *page)
{
	unsigned long at = (unsigned long)kmap_local_page(page);

	cache->address = at | 1;
}
