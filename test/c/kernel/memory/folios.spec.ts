/** Folios, bio vectors and fragments of socket buffers in C. */
import { itInCases } from '../cases.ts';

const BEFORE = `#include <linux/bvec.h>
#include <linux/page-flags.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/scatterlist-explore.h>
MACHINE(highmemPages = 8)
static struct folio *folio; static struct page *page; static char bytes[8192];
SETUP(folio) { folio = folio_alloc(GFP_HIGHUSER | __GFP_ZERO, 1); page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
`;

describe('folios in C', () => {
  itInCases(BEFORE, [
    [
      'have pages, flags and users',
      'exhausted',
      `BUG_ON(folio_nr_pages(folio) != 2 || folio_size(folio) != 8192 || page_folio(folio_page(folio, 1)) != folio);
       BUG_ON(compound_head(folio_page(folio, 1)) != &folio->page || page_folio(page) == folio || page_size(page) != PAGE_SIZE);
       folio_set_uptodate(folio); SetPageDirty(page); BUG_ON(!PageUptodate(&folio->page) || !folio_test_dirty((struct folio *)page) || PageDirty(&folio->page));
       ClearPageDirty(page); BUG_ON(PageDirty(page)); folio_get(folio); folio_put(folio); folio_put(folio);`,
    ],
    [
      'are copied across their pages',
      'exhausted',
      `char in[20], out[20]; memset(in, 7, 20); memcpy_to_folio(folio, 4086, in, 20); memcpy_from_folio(out, folio, 4086, 20);
       BUG_ON(memcmp(in, out, 20)); memcpy_folio(folio, 0, folio, 4086, 20); folio_zero_range(folio, 4090, 4);
       memcpy_from_folio(out, folio, 0, 20); BUG_ON(memchr_inv(out, 7, 20)); memcpy_from_folio(out, folio, 4086, 20);
       BUG_ON(out[3] != 7 || out[4] || out[7] || out[8] != 7); folio_zero_segment(folio, 0, 4096); folio_zero_segments(folio, 0, 1, 4, 5);
       BUG_ON(memcpy_from_file_folio(out, folio, 8192 + 4090, 20) != 6); folio_fill_tail(folio, 8190, in, 2);
       memcpy_from_folio(out, folio, 8190, 2); BUG_ON(out[0] != 7 || out[1] != 7);`,
    ],
    [
      'are mapped a page at a time',
      'exhausted',
      `char *at = kmap_local_folio(folio, 4100); BUG_ON(offset_in_page(at) != 4 || !folio_test_partial_kmap(folio));
       at[0] = 1; folio_release_kmap(folio, at); at = kmap_local_folio(folio, 8000); at = folio_zero_tail(folio, 8000, at); kunmap_local(at);
       memset_page(folio_page(folio, 1), 4, 9, 1); memcpy_from_folio(bytes, folio, 4100, 2); BUG_ON(bytes[0] != 9); flush_dcache_folio(folio);`,
    ],
    ['copied beyond the end', 'range-overrun', 'memcpy_from_folio(bytes, folio, 8000, 200);'],
    ['mapped behind the end', 'range-overrun', 'kunmap_local(kmap_local_folio(folio, 8192));'],
    ['put once too often', 'double-free', 'folio_put(folio); folio_put(folio);'],
  ]);
});

describe('vectors in C', () => {
  itInCases(BEFORE, [
    [
      'are mapped and copied',
      'exhausted',
      `struct bio_vec bv; char *at; bvec_set_page(&bv, page, 8, 100); memset(bytes, 5, 8); memcpy_to_bvec(&bv, bytes);
       at = bvec_kmap_local(&bv); BUG_ON(offset_in_page(at) != 100 || at[0] != 5 || at[7] != 5); kunmap_local(at);
       memzero_bvec(&bv); memcpy_from_bvec(bytes, &bv); BUG_ON(bytes[0] || bytes[7]);`,
    ],
    [
      'have an address if their page has',
      'exhausted',
      `struct bio_vec bv; struct page *low = alloc_page(GFP_KERNEL); bvec_set_page(&bv, low, 8, 16);
       BUG_ON(bvec_virt(&bv) != page_address(low) + 16); __free_page(low);`,
    ],
    [
      'fragments are visited page by page',
      'exhausted',
      `skb_frag_t frag; struct page *p; u32 p_off, p_len, copied, n = 0, sum = 0; bvec_set_page(&frag, &folio->page, 8000, 100);
       BUG_ON(skb_frag_size(&frag) != 8000 || skb_frag_off(&frag) != 100 || skb_frag_page(&frag) != &folio->page);
       skb_frag_foreach_page(&frag, 100, 8000, p, p_off, p_len, copied) { BUG_ON(p != folio_page(folio, n)); n++; sum += p_len; }
       BUG_ON(n != 2 || sum != 8000 || skb_frag_address_safe(&frag));`,
    ],
  ]);
});
