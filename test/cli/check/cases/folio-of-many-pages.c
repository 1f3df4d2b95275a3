/* expect: page-overrun warning */
void wrong(struct folio *folio, void *from)
{
	char *at = kmap_local_folio(folio, 0);

	memcpy(at, from, folio_size(folio));
	kunmap_local(at);
}

void right(struct folio *folio, void *from)
{
	char *at = kmap_local_folio(folio, 0);

	memcpy(at, from, PAGE_SIZE);
	kunmap_local(at);
}
