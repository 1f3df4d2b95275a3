/* expect: leak note */
int wrong(struct fragment *fragments, int count)
{
	int sum = 0;
	int i;

	for (i = 0; i < count; i++) {
		char *at = kmap(fragments[i].page);

		sum = add_up(sum, at, 512);
	}
	return sum;
}

int right(struct fragment *fragments, int count)
{
	int sum = 0;
	int i;

	for (i = 0; i < count; i++) {
		char *at = kmap(fragments[i].page);

		sum = add_up(sum, at, 512);
		kunmap(fragments[i].page);
	}
	return sum;
}
