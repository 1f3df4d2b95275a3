/* expect: leak error */
int wrong(struct device *device, struct page *page)
{
	char *bytes = kmap_local_page(page);

	scoped_cond_guard(mutex_intr, return -EINTR, &device->lock) {
		fill(device, bytes);
	}
	kunmap_local(bytes);
	return 0;
}

int right(struct device *device, struct page *page)
{
	char *bytes = kmap_local_page(page);
	int failed = 0;

	scoped_cond_guard(mutex_intr, goto out, &device->lock)
		fill(device, bytes);
	failed = check(device);
out:
	kunmap_local(bytes);
	return failed;
}

int right_in_a_loop(struct device *device, struct page *page, int count)
{
	while (count-- > 0) {
		char *bytes;

		scoped_cond_guard(mutex_try, continue, &device->lock) {
			bytes = kmap_local_page(page);
			fill(device, bytes);
			kunmap_local(bytes);
		}
	}
	return 0;
}
