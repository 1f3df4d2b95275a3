/* expect: unmap-mismatch error */
void wrong(struct page *page)
{
	char *at = kmap_atomic(page, KM_USER0);

	at[0] = 1;
	kunmap_atomic(at, KM_USER1);
}

void right(struct page *page)
{
	char *at = kmap_atomic(page, KM_USER0);

	at[0] = 1;
	kunmap_atomic(at, KM_USER0);
}
