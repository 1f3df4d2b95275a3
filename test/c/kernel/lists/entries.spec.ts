/** Entries of lists in C. */
import { LIST, itInCases } from '../cases.ts';

describe('entries of lists in C', () => {
  itInCases(LIST, [
    [
      'are laid out as in Linux, and walked over a link',
      'exhausted',
      `struct scatterlist *sg; int i; size_t sum = 0;
       for_each_sg(list, sg, 3, i) { BUG_ON(sg_page(sg) != pages[i] || sg->offset != 100 * (i + 1)); sum += sg->length; }
       BUG_ON(sg || sum != 3000);
       BUG_ON(list[0].page_link != (unsigned long)pages[0] || list[1].page_link != ((unsigned long)more | SG_CHAIN));
       BUG_ON(!sg_is_chain(&list[1]) || sg_chain_ptr(&list[1]) != more || !sg_is_last(&more[1]) || sg_is_last(more));`,
    ],
    [
      'are counted',
      'exhausted',
      `BUG_ON(sg_nents(list) != 3 || sg_nents(more) != 2 || sg_nents(NULL) != 0);
       BUG_ON(sg_nents_for_len(list, 1001) != 2 || sg_nents_for_len(list, 3001) != -EINVAL || sg_nents_for_len(list, 0));
       BUG_ON(sg_last(list, 3) != &more[1] || sg_next(&more[1]) || sg_next(list) != more);`,
    ],
    [
      'keep their mark when a page is set, and lose it on request',
      'exhausted',
      `sg_set_page(&more[1], pages[3], 8, 8); BUG_ON(!sg_is_last(&more[1]) || sg_page(&more[1]) != pages[3]);
       sg_assign_page(&more[1], pages[2]); BUG_ON(__sg_flags(&more[1]) != SG_END || more[1].length != 8);
       sg_unmark_end(&more[1]); BUG_ON(sg_is_last(&more[1]) || sg_nents(list) != 4);`,
    ],
    [
      'lead to their bytes',
      'exhausted',
      `struct page *low = alloc_page(GFP_KERNEL | __GFP_ZERO); struct scatterlist sg;
       sg_init_one(&sg, page_address(low) + 40, 16);
       BUG_ON(sg_page(&sg) != low || sg.offset != 40 || sg.length != 16 || !sg_is_last(&sg));
       BUG_ON(sg_virt(&sg) != page_address(low) + 40 || sg_phys(&sg) != page_to_phys(low) + 40);
       BUG_ON(sg_virt(list) != (void *)100); __free_page(low);`,
    ],
    [
      'of a device have its address',
      'exhausted',
      `more[0].dma_length = 8; more[1].dma_length = 8193; sg_dma_address(more) = 0x1000;
       BUG_ON(sg_dma_address(more) != 0x1000 || sg_nents_for_dma(more, 2, 4096) != 4);
       sg_dma_mark_bus_address(more); BUG_ON(!sg_dma_is_bus_address(more) || sg_dma_is_swiotlb(more));
       sg_dma_unmark_bus_address(more); sg_dma_mark_swiotlb(more); BUG_ON(more->dma_flags != SG_DMA_SWIOTLB);`,
    ],
    [
      'of a buffer that is mapped',
      'not-linear',
      'void *p = kmap_local_page(pages[0]); struct scatterlist sg; sg_init_one(&sg, p, 8); kunmap_local(p);',
    ],
    ['used although there is none', 'null-pointer', 'sg_set_page(NULL, pages[0], 8, 0);'],
    ['with a page that is none', 'wild-access', 'sg_set_page(list, (struct page *)0xc0000abc, 8, 0);'],
    ['beyond the end of memory', 'sg-entry-range', 'sg_set_page(list, pages[0], 100 << PAGE_SHIFT, 0);'],
    ['counted as the last, and is not', 'sg-not-last', 'sg_last(list, 2);'],
    ['of no array', 'sg-no-entries', 'sg_init_table(more, 0);'],
    ['overwritten by a link', 'sg-chain-over-entry', 'sg_chain(more, 2, list);'],
    ['linked to a link', 'sg-link-to-link', 'sg_chain(more, 3, &list[1]);'],
    [
      'linked in a ring',
      'sg-endless-list',
      'sg_unmark_end(&more[1]); sg_chain(more, 3, list); sg_nents(list);',
    ],
    [
      'of an object of kmalloc, one too far',
      'object-overrun',
      `struct scatterlist *sg = kcalloc(2, sizeof(*sg), GFP_KERNEL);
       sg_set_page(&sg[0], pages[0], 8, 0); sg_set_page(&sg[1], pages[0], 8, 0); sg_nents(sg); kfree(sg);`,
    ],
    [
      'of an object that was freed',
      'object-use-after-free',
      'struct scatterlist *sg = kcalloc(2, sizeof(*sg), GFP_KERNEL); sg_init_table(sg, 2); kfree(sg); sg_nents(sg);',
    ],
    [
      'that were never initialised',
      'uninitialised-read',
      'struct scatterlist *sg = kmalloc(48, GFP_KERNEL); sg_set_page(sg, pages[0], 8, 0); kfree(sg);',
    ],
  ]);
});
