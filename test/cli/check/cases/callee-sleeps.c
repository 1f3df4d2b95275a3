/* expect: sleep-in-atomic error */
struct port {
	struct mutex lock;
	int count;
};

static void take(struct port *dev)
{
	mutex_lock(&dev->lock);
	dev->count++;
	mutex_unlock(&dev->lock);
}

static void mark(struct port *dev)
{
	dev->count++;
}

void wrong(struct port *dev, struct page *page)
{
	char *at = kmap_atomic(page);

	take(dev);
	at[0] = 1;
	kunmap_atomic(at);
}

void right(struct port *dev, struct page *page)
{
	char *at = kmap_atomic(page);

	mark(dev);
	at[0] = 1;
	kunmap_atomic(at);
}
