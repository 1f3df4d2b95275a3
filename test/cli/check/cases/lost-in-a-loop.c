/* expect: leak error */
void wrong(struct page **pages, int count)
{
	char *at;
	int i;

	for (i = 0; i < count; i++) {
		at = kmap_local_page(pages[i]);
		if (at[0] == 0)
			continue;
		at[0] = 0;
		kunmap_local(at);
	}
}

void right(struct page **pages, int count)
{
	char *at;
	int i;

	for (i = 0; i < count; i++) {
		at = kmap_local_page(pages[i]);
		if (at[0] != 0)
			at[0] = 0;
		kunmap_local(at);
	}
}
