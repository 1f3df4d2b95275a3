/* expect: kunmap-unmapped error */
void wrong(struct device *dev, struct entry *list)
{
	char *at = kmap(list[dev->current].page);

	send(dev, at);
	dev->current++;
	kunmap(list[dev->current].page);
}

void right(struct device *dev, struct entry *list)
{
	struct page *page = list[dev->current].page;
	char *at = kmap(page);

	send(dev, at);
	dev->current++;
	kunmap(page);
}
