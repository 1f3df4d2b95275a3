/* expect: unmap-address error */
struct piece {
	struct page *page;
	void *address;
};

void wrong(struct piece *piece)
{
	kunmap_atomic(piece->page);
}

void right(struct piece *piece)
{
	kunmap_atomic(piece->address);
}
