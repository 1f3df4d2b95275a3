/* expect: sleep-in-atomic error */
static void take(struct device *dev)
{
	mutex_lock(&dev->lock);
	dev->count++;
	mutex_unlock(&dev->lock);
}

static void mark(struct device *dev)
{
	dev->count++;
}

void wrong(struct device *dev, struct page *page)
{
	char *at = kmap_atomic(page);

	take(dev);
	at[0] = 1;
	kunmap_atomic(at);
}

void right(struct device *dev, struct page *page)
{
	char *at = kmap_atomic(page);

	mark(dev);
	at[0] = 1;
	kunmap_atomic(at);
}
