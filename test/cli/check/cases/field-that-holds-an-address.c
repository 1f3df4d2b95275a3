/* expect: kunmap-unmapped warning */
void begin(struct bulk *bulk)
{
	bulk->buffer = kmap(bulk->page);
}

void wrong(struct bulk *bulk)
{
	if (bulk->buffer != NULL)
		kunmap(bulk->buffer);
}

void right(struct bulk *bulk)
{
	if (bulk->buffer != NULL)
		kunmap(bulk->page);
}
