/* expect: leak error */
static int receive(struct socket *socket, void *to, int length)
{
	struct iovec vector;

	vector.iov_base = to;
	vector.iov_len = length;
	return socket_receive(socket, &vector);
}

int wrong(struct socket *socket, int length)
{
	struct page *page = take_page(socket);
	void *at = kmap(page);

	if (receive(socket, at, length) != length)
		goto out;
	kunmap(page);
out:
	give_page(socket, page);
	return 0;
}

int right(struct socket *socket, int length)
{
	struct page *page = take_page(socket);
	void *at = kmap(page);

	if (receive(socket, at, length) != length)
		goto out;
out:
	kunmap(page);
	give_page(socket, page);
	return 0;
}
