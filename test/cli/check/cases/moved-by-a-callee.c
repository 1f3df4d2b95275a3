/* expect: unmap-address warning */
struct z_stream_s {
	unsigned char *next_out;
};

int zlib_inflate(struct z_stream_s *stream, int flush);

int wrong(struct z_stream_s *stream, struct page *page)
{
	int rc;

	stream->next_out = kmap_local_page(page);
	rc = zlib_inflate(stream, 0);
	kunmap_local(stream->next_out);
	return rc;
}

int right(struct z_stream_s *stream, struct page *page)
{
	char *start = kmap_local_page(page);
	int rc;

	stream->next_out = start;
	rc = zlib_inflate(stream, 0);
	kunmap_local(start);
	return rc;
}
