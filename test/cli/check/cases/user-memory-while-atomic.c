/* expect: sleep-in-atomic error */
int wrong(struct page *page, void __user *to, size_t bytes)
{
	void *from = kmap_atomic(page);
	int left = copy_to_user(to, from, bytes);

	kunmap_atomic(from);
	return left ? -EFAULT : 0;
}

int right(struct page *page, void __user *to, size_t bytes)
{
	void *from = kmap_local_page(page);
	int left = copy_to_user(to, from, bytes);

	kunmap_local(from);
	return left ? -EFAULT : 0;
}

int right_in_two_steps(struct page *page, void __user *to, size_t bytes)
{
	void *from = kmap_atomic(page);
	int left = __copy_to_user_inatomic(to, from, bytes);

	kunmap_atomic(from);
	if (left) {
		from = kmap(page);
		left = copy_to_user(to, from, bytes);
		kunmap(page);
	}
	return left ? -EFAULT : 0;
}

int right_on_purpose(struct page *page, u32 __user *to)
{
	u32 *from = kmap_atomic(page);
	int failed;

	pagefault_disable();
	failed = put_user(*from, to);
	pagefault_enable();
	kunmap_atomic(from);
	return failed;
}

int right_if_told(struct page *page, void __user *to, size_t bytes, bool may_fault)
{
	void *from = may_fault ? kmap(page) : kmap_atomic(page);
	int left = copy_to_user(to, from, bytes);

	if (may_fault)
		kunmap(page);
	else
		kunmap_atomic(from);
	return left;
}
