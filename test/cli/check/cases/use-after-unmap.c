/* expect: use-after-unmap error */
struct header {
	int length;
};

int wrong(struct page *page)
{
	struct header *head = kmap_local_page(page);

	kunmap_local(head);
	return head->length;
}

int right(struct page *page)
{
	struct header *head = kmap_local_page(page);
	int length = head->length;

	kunmap_local(head);
	return length;
}
