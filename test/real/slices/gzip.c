/* A module of a page and a half. The decompressor of the test writes zeroes and moves next_out, as zlib does. */
static struct load_info info;
static unsigned char module[16] = { 0x1f, 0x8b, 0x08 };
static unsigned int left = PAGE_SIZE + PAGE_SIZE / 2;

int zlib_inflate(z_streamp stream, int flush)
{
	unsigned int part = min_t(unsigned int, left, stream->avail_out);

	memset(stream->next_out, 0, part);
	stream->next_out += part;
	stream->avail_out -= part;
	left -= part;
	return left == 0 ? Z_STREAM_END : Z_OK;
}

SETUP(pages)
{
	info.max_pages = 2;
	info.pages = kcalloc(2, sizeof(struct page *), GFP_KERNEL);
}

SECTION(task, load)
{
	module_gzip_decompress(&info, module, sizeof(module));
}
