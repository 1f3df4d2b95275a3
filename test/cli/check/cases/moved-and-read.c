/* expect: unmap-address warning */
int wrong(struct page *page, int count, int wanted)
{
	struct entry *at = kmap_local_page(page);
	int i;

	for (i = 0; i < count; i++, at++) {
		if (at->number == wanted)
			break;
	}
	kunmap_local(at);
	return i;
}

int right(struct page *page, int count, int wanted)
{
	struct entry *at = kmap_local_page(page);
	int i;

	for (i = 0; i < count; i++, at++) {
		if (at->number == wanted) {
			kunmap_local(at);
			return i;
		}
	}
	kunmap_local(at - i);
	return -ENOENT;
}
