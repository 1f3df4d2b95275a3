/*
 * A decompressor whose output pointer is given to the unmap.
 *
 * inflate() moves stream->next_out behind the last byte that it wrote, as decompressors do. unpack() then releases the
 * map by that pointer. While the page is not full the pointer is still inside it, and kunmap_local() rounds it down to
 * the page, so all seems well. When the page is full the pointer is the first byte of the next slot, and that slot holds
 * the map of the input.
 *
 * Fixed: the address that kmap_local_page() returned is kept, and released.
 *
 * Try it: scatterlist explore examples/c/inflate-end-pointer.c
 */
#include <linux/highmem.h>
#include <linux/scatterlist-explore.h>

struct stream {
	const unsigned char *next_in, *end_in;
	unsigned char *next_out;
	unsigned int avail_out;
};

static struct page *input, *output[2];

/* A run of 16 bytes, and one of 4096 that fills a page. Each is a length of 2 bytes and a value. */
static const unsigned char packed[] = { 0x10, 0x00, 'a', 0x00, 0x10, 'b' };

/* Writes one run. */
static void inflate(struct stream *stream)
{
	unsigned int length = stream->next_in[0] | stream->next_in[1] << 8;

	length = min(length, stream->avail_out);
	memset(stream->next_out, stream->next_in[2], length);
	stream->next_in += 3;
	stream->next_out += length;
	stream->avail_out -= length;
}

static void unpack(struct page *from, struct page **to, unsigned int length)
{
	unsigned char *data = kmap_local_page(from);
	struct stream stream = { .next_in = data, .end_in = data + length };

	while (stream.next_in < stream.end_in) {
		void *at = kmap_local_page(*to++);

		stream.next_out = at;
		stream.avail_out = PAGE_SIZE;
		inflate(&stream);
#ifdef FIXED
		kunmap_local(at);
#else
		kunmap_local(stream.next_out);
#endif
	}
	kunmap_local(data);
}

SETUP(pages)
{
	input = alloc_page(GFP_HIGHUSER);
	memcpy_to_page(input, 0, packed, sizeof(packed));
	output[0] = alloc_page(GFP_HIGHUSER);
	output[1] = alloc_page(GFP_HIGHUSER);
}

SECTION(task, load_module)
{
	unpack(input, output, sizeof(packed));
}
