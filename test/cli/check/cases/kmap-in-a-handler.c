/* expect: kmap-in-atomic warning */
static irqreturn_t wrong(int irq, void *given)
{
	struct device *device = given;
	char *bytes = kmap(device->page);

	bytes[0] = read_byte(device);
	kunmap(device->page);
	return IRQ_HANDLED;
}

static irqreturn_t right(int irq, void *given)
{
	struct device *device = given;
	char *bytes = kmap(device->page);

	bytes[0] = read_byte(device);
	kunmap(device->page);
	return IRQ_HANDLED;
}

int start(struct device *device)
{
	int failed = devm_request_irq(device->parent, irq_of(device, 0), wrong, 0, "one", device);

	if (failed)
		return failed;
	return devm_request_threaded_irq(device->parent, irq_of(device, 1), NULL, right, 0, "two", device);
}
