/* expect: leak warning */
int wrong(struct buffer *buffer, int byte)
{
	char *bytes = buffer_kmap_local(buffer, 0);

	if (byte < 0)
		return -EINVAL;
	bytes[0] = byte;
	buffer_kunmap_local(bytes);
	return 0;
}

int right(struct buffer *buffer, int byte)
{
	char *bytes = buffer_kmap_local(buffer, 0);
	int failed = 0;

	if (byte < 0)
		failed = -EINVAL;
	else
		bytes[0] = byte;
	buffer_kunmap_local(bytes);
	return failed;
}
