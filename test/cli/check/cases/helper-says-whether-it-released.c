/* expect: leak error */
static void *copy_or_keep(struct request *rq, void *at, int *kind)
{
	void *copy;

	if (rq->is_small) {
		*kind = 0;
		return at;
	}
	copy = get_buffer(rq);
	if (!copy) {
		kunmap_local(at);
		return ERR_PTR(-ENOMEM);
	}
	memcpy(copy, at, rq->length);
	kunmap_local(at);
	*kind = 1;
	return copy;
}

int wrong(struct request *rq, struct page *page)
{
	int kind, err;
	void *at = kmap_local_page(page);
	void *from = copy_or_keep(rq, at, &kind);

	if (IS_ERR(from))
		return PTR_ERR(from);
	err = decompress(rq, from);
	if (err)
		return err;
	if (kind == 0)
		kunmap_local(at);
	return 0;
}

int right(struct request *rq, struct page *page)
{
	int kind, err;
	void *at = kmap_local_page(page);
	void *from = copy_or_keep(rq, at, &kind);

	if (IS_ERR(from))
		return PTR_ERR(from);
	err = decompress(rq, from);
	if (kind == 0)
		kunmap_local(at);
	else
		put_buffer(from);
	return err;
}
