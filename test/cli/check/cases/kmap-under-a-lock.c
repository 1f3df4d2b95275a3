/* expect: kmap-in-atomic warning */
struct port {
	spinlock_t lock;
};

void wrong(struct port *dev, struct page *page)
{
	char *at;

	spin_lock(&dev->lock);
	at = kmap(page);
	at[0] = 1;
	kunmap(page);
	spin_unlock(&dev->lock);
}

void right(struct port *dev, struct page *page)
{
	char *at = kmap(page);

	spin_lock(&dev->lock);
	at[0] = 1;
	spin_unlock(&dev->lock);
	kunmap(page);
}
