/* expect: no-linear-address warning */
int wrong(unsigned long from, int count, struct page **pages)
{
	int pinned = pin_user_pages_fast(from, count, 0, pages);
	int i;

	for (i = 0; i < pinned; i++)
		send(page_address(pages[i]), PAGE_SIZE);
	return pinned;
}

int right(unsigned long from, int count, struct page **pages)
{
	int pinned = pin_user_pages_fast(from, count, 0, pages);
	int i;

	for (i = 0; i < pinned; i++) {
		void *bytes = kmap_local_page(pages[i]);

		send(bytes, PAGE_SIZE);
		kunmap_local(bytes);
	}
	return pinned;
}
