/* expect: sleep-in-atomic warning */
int wrong(struct page *page, const void __user *from, size_t bytes)
{
	char dummy, *to;

	__get_user(dummy, (char __user *)from);
	to = kmap_atomic(page, KM_USER0);
	if (__copy_from_user(to, from, bytes))
		bytes = 0;
	kunmap_atomic(to, KM_USER0);
	return bytes;
}

int right(struct page *page, const void __user *from, size_t bytes)
{
	char dummy, *to;

	__get_user(dummy, (char __user *)from);
	to = kmap_atomic(page, KM_USER0);
	if (__copy_from_user_inatomic(to, from, bytes))
		bytes = 0;
	kunmap_atomic(to, KM_USER0);
	return bytes;
}
