/* expect: nothing */
void right(struct page *to, struct page *from)
{
	char *t = kmap(to);
	char *f = kmap(from);

	memcpy(t, f, 64);
	kunmap(to);
	kunmap(from);
}
