/** Tables and lists that own memory in C. */
import { LIST, itInCases } from '../cases.ts';

describe('tables in C', () => {
  itInCases(LIST, [
    [
      'are allocated in chained arrays and freed',
      'exhausted',
      `struct sg_table table; struct scatterlist *sg; int i;
       BUG_ON(sg_alloc_table(&table, 171, GFP_KERNEL) || table.nents != 171 || table.orig_nents != 171);
       BUG_ON(!sg_is_chain(&table.sgl[169]) || !sg_is_last(&sg_chain_ptr(&table.sgl[169])[1]));
       for_each_sgtable_sg(&table, sg, i) BUG_ON(sg_page(sg) || sg->length);
       sg_mark_end(&table.sgl[3]);
       sg_free_table(&table); BUG_ON(table.sgl); sg_free_table(&table);
       BUG_ON(sg_alloc_table(&table, 0, GFP_KERNEL) != -EINVAL || table.sgl);`,
    ],
    [
      'used after they were freed',
      'object-use-after-free',
      `struct sg_table table; struct scatterlist *sg; sg_alloc_table(&table, 2, GFP_KERNEL); sg = table.sgl;
       sg_free_table(&table); sg_set_page(sg, pages[0], 8, 0);`,
    ],
    [
      'allocated in an atomic section',
      'sleep-in-atomic',
      'struct sg_table table; preempt_disable(); sg_alloc_table(&table, 2, GFP_KERNEL);',
    ],
    [
      'are made of pages, which are joined where they follow',
      'exhausted',
      `struct sg_table table; struct page *two = alloc_pages(GFP_HIGHUSER, 1); struct page *list[3] = { two, two + 1, pages[0] };
       BUG_ON(sg_alloc_table_from_pages(&table, list, 3, 100, 3 * PAGE_SIZE - 200, GFP_KERNEL));
       BUG_ON(table.orig_nents != 2 || table.sgl->offset != 100 || table.sgl->length != 2 * PAGE_SIZE - 100);
       BUG_ON(table.sgl[1].length != PAGE_SIZE - 100 || !sg_is_last(&table.sgl[1])); sg_free_table(&table);
       BUG_ON(sg_alloc_table_from_pages_segment(&table, list, 3, 0, 3 * PAGE_SIZE, PAGE_SIZE, GFP_KERNEL));
       BUG_ON(table.orig_nents != 3); sg_free_table(&table); __free_pages(two, 1);`,
    ],
    [
      'with segments smaller than a page',
      'sg-segment-size',
      'struct sg_table table; sg_alloc_table_from_pages_segment(&table, pages, 1, 0, 4096, 100, GFP_KERNEL);',
    ],
    [
      'grow',
      'exhausted',
      `struct sg_append_table append = { }; 
       BUG_ON(sg_alloc_append_table_from_pages(&append, &pages[0], 1, 0, 4096, UINT_MAX, 2, GFP_KERNEL));
       BUG_ON(append.total_nents != 3 || append.sgt.orig_nents != 1);
       BUG_ON(sg_alloc_append_table_from_pages(&append, &pages[2], 2, 0, 8192, UINT_MAX, 0, GFP_KERNEL));
       BUG_ON(sg_nents(append.sgt.sgl) != append.sgt.orig_nents || !sg_is_last(append.prv));
       sg_free_append_table(&append); BUG_ON(append.sgt.sgl);`,
    ],
    [
      'begin in an array of the caller',
      'exhausted',
      `struct sg_table table; struct scatterlist inlined[4];
       BUG_ON(sg_alloc_table_chained(&table, 3, inlined, 4) || table.sgl != inlined || !sg_is_last(&inlined[2]));
       sg_free_table_chained(&table, 4);
       BUG_ON(sg_alloc_table_chained(&table, 6, inlined, 4) || sg_nents(table.sgl) != 6 || !sg_is_chain(&inlined[3]));
       sg_free_table_chained(&table, 4);
       BUG_ON(sg_alloc_table_chained(&table, 6, NULL, 0) || sg_nents(table.sgl) != 6); sg_free_table_chained(&table, 0);`,
    ],
    [
      'of no entries, chained',
      'sg-no-entries',
      'struct sg_table table; sg_alloc_table_chained(&table, 0, NULL, 0);',
    ],
    [
      'with pages of their own',
      'exhausted',
      `unsigned int n; struct scatterlist *sg = sgl_alloc(5000, GFP_KERNEL, &n);
       BUG_ON(!sg || n != 2 || sg[1].length != 904 || sg_nents(sg) != 2); sgl_free(sg);
       sg = sgl_alloc_order(8192, 1, false, GFP_KERNEL, &n); BUG_ON(!sg || n != 1 || sg->length != 8192);
       sgl_free_order(sg, 1);`,
    ],
    [
      'whose pages are freed twice',
      'double-free',
      `struct scatterlist *sg = sgl_alloc(4096, GFP_KERNEL, NULL); __free_page(sg_page(sg)); sgl_free(sg);`,
    ],
    [
      'are split',
      'exhausted',
      `const size_t sizes[2] = { 500, 1200 }; struct scatterlist *out[2]; int mapped[2];
       BUG_ON(sg_split(list, 0, 100, 2, sizes, out, mapped, GFP_KERNEL));
       BUG_ON(sg_nents(out[0]) != 1 || out[0]->offset != 200 || out[0]->length != 500);
       BUG_ON(sg_nents(out[1]) != 2 || out[1]->offset != 700 || out[1]->length != 400 || out[1][1].length != 800);
       kfree(out[0]); kfree(out[1]);`,
    ],
  ]);
});
