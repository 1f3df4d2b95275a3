/* expect: slot-overflow note */
void wrong(struct vector *vector, struct page **pages)
{
	int i;

	for (i = 0; i < 20; i++)
		vector[i].base = kmap_local_page(pages[i]);
	send(vector, 20);
}

void right(struct vector *vector, struct page **pages)
{
	int i;

	for (i = 0; i < 8; i++)
		vector[i].base = kmap_local_page(pages[i]);
	send(vector, 8);
}

void right_one_by_one(struct page **pages, int count)
{
	void *bytes;
	int i;

	for (i = 0; i < count; i++) {
		bytes = kmap_local_page(pages[i]);
		join(bytes);
		kunmap_local(bytes);
	}
}
