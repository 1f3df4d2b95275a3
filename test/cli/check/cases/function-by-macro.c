/* expect: nothing */
SYSCALL_DEFINE2(right, struct page __user *, page, int, length)
{
	char *at = kmap_local_page(page);

	scoped_with_kernel_creds() {
		ASSERTCMP(length, <=, 64);
		memset(at, 0, length + offsetof(struct a, b.c));
	}
	kunmap_local(at);
	return 0;
}
