/* expect: slot-taken error */
void wrong(struct page *to, struct page *from)
{
	char *t = kmap_atomic(to, KM_USER0);
	char *f = kmap_atomic(from, KM_USER0);

	memcpy(t, f, 64);
	kunmap_atomic(f, KM_USER0);
	kunmap_atomic(t, KM_USER0);
}

void right(struct page *to, struct page *from)
{
	char *t = kmap_atomic(to, KM_USER0);
	char *f = kmap_atomic(from, KM_USER1);

	memcpy(t, f, 64);
	kunmap_atomic(f, KM_USER1);
	kunmap_atomic(t, KM_USER0);
}
