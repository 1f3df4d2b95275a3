/** Copies between a list and a buffer in C. */
import { LIST, itInCases } from '../cases.ts';

describe('copies of lists in C', () => {
  itInCases(LIST, [
    [
      'move the bytes of all entries',
      'exhausted',
      `int i; unsigned char *p;
       for (i = 0; i < 3; i++) { p = kmap_local_page(pages[i]); memset(p, i + 1, PAGE_SIZE); kunmap_local(p); }
       BUG_ON(sg_copy_to_buffer(list, 3, buffer, sizeof(buffer)) != 3000);
       BUG_ON(memchr_inv(buffer, 1, 1000) || memchr_inv(buffer + 1000, 2, 1000) || memchr_inv(buffer + 2000, 3, 1000));
       BUG_ON(memchr_inv(buffer + 3000, 0, 1096));
       BUG_ON(sg_copy_to_buffer(list, 3, buffer, 10) != 10 || sg_copy_to_buffer(list, 1, buffer, 4096) != 1000);`,
    ],
    [
      'begin where they are told',
      'exhausted',
      `unsigned char in[4] = { 5, 6, 7, 8 }, out[8]; memset(out, 0xee, 8);
       BUG_ON(sg_pcopy_from_buffer(list, 3, in, 4, 998) != 4 || sg_pcopy_to_buffer(list, 3, out, 8, 996) != 8);
       BUG_ON(out[0] || out[1] || out[2] != 5 || out[3] != 6 || out[4] != 7 || out[5] != 8 || out[6]);
       BUG_ON(sg_zero_buffer(list, 3, 2, 999) != 2 || sg_pcopy_to_buffer(list, 3, out, 4, 998) != 4);
       BUG_ON(out[0] != 5 || out[1] || out[2] || out[3] != 8);
       BUG_ON(sg_copy_buffer(list, 3, in, 4, 2998, true) != 2 || sg_pcopy_to_buffer(list, 3, out, 8, 3000));
       BUG_ON(sg_copy_from_buffer(list, 3, buffer, sizeof(buffer)) != 3000 || sg_copy_buffer(list, 3, in, 4, 8, false) != 4);`,
    ],
    [
      'into a buffer that is too small',
      'object-overrun',
      'sg_copy_to_buffer(list, 3, kmalloc(2000, GFP_KERNEL), 3000);',
    ],
    [
      'from a buffer that was never written',
      'uninitialised-read',
      'sg_copy_from_buffer(list, 3, kmalloc(2000, GFP_KERNEL), 2000);',
    ],
    [
      'of a page that was freed',
      'use-after-free',
      '__free_page(pages[1]); sg_copy_to_buffer(list, 3, buffer, 3000);',
    ],
    [
      'of an entry without a page',
      'sg-empty-entry',
      'more[0].page_link = 0; sg_copy_to_buffer(list, 3, buffer, 3000);',
    ],
  ]);
});
