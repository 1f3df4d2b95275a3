/* expect: nothing */
void right(struct request *request, struct page *page)
{
	int length = request->length;
	char *at = kmap_local_page(page);

	if (request->length != length)
		return;
	kunmap_local(at);
}
