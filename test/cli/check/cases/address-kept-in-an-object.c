/* expect: nothing */
void right(struct host *host, struct page *page)
{
	host->at = kmap(page);
}
