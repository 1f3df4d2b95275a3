/* expect: unmap-order error */
void wrong(struct page *to, struct page *from)
{
	char *t = kmap_local_page(to);
	char *f = kmap_local_page(from);

	memcpy(t, f, 64);
	kunmap_local(t);
	kunmap_local(f);
}

void right(struct page *to, struct page *from)
{
	char *t = kmap_local_page(to);
	char *f = kmap_local_page(from);

	memcpy(t, f, 64);
	kunmap_local(f);
	kunmap_local(t);
}
