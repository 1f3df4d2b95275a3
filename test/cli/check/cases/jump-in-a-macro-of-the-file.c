/* expect: leak error */
#define WRITE_OR_STOP(from, count) \
	do { if (!write_all(file, (from), (count))) goto stopped; } while (0)
#define NEED(condition) if (!(condition)) return -EIO

int wrong(struct file *file, struct page *page)
{
	void *at = kmap_local_page(page);
	int err = -EIO;

	WRITE_OR_STOP(at, 4096);
	kunmap_local(at);
	err = 0;
stopped:
	return err;
}

int right(struct file *file, struct page *page)
{
	void *at = kmap_local_page(page);
	int err = -EIO;

	WRITE_OR_STOP(at, 4096);
	err = 0;
stopped:
	kunmap_local(at);
	return err;
}

int right_before(struct file *file, struct page *page)
{
	void *at;

	NEED(file_is_open(file));
	at = kmap_local_page(page);
	write_all(file, at, 4096);
	kunmap_local(at);
	return 0;
}
#undef NEED
#define NEED(condition) note_need(condition)

/* Here it is another macro. */
int right_with_another(struct file *file, struct page *page)
{
	void *at = kmap_local_page(page);

	NEED(file_is_open(file));
	write_all(file, at, 4096);
	kunmap_local(at);
	return 0;
}
