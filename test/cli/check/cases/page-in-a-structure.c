/* expect: kunmap-unmapped error */
struct piece {
	struct page *page;
	unsigned int offset;
};

void wrong(struct piece *pieces, int count)
{
	while (count-- > 0)
		kunmap(pieces[count]);
}

void right(struct piece *pieces, int count)
{
	while (count-- > 0)
		kunmap(pieces[count].page);
}
