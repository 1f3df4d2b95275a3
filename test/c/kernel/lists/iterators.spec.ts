/** Iterators over lists in C. */
import { expect } from 'chai';
import { fileOf, itInC, ruleOfFile } from '../../support.ts';
import { LIST, itInCases } from '../cases.ts';

const START = 'struct sg_mapping_iter miter;\n';

describe('mapping iterators in C', () => {
  itInCases(LIST, [
    [
      'write a list, and read it again',
      'exhausted',
      `${START} size_t n = 0;
       sg_miter_start(&miter, list, 3, SG_MITER_TO_SG | SG_MITER_ATOMIC);
       for (; sg_miter_next(&miter); n++) {
         BUG_ON(miter.page != pages[n] || miter.length != 1000 || miter.consumed != 1000 || !in_atomic());
         BUG_ON(offset_in_page(miter.addr) != 100 * (n + 1));
         memset(miter.addr, n + 1, miter.length);
       }
       BUG_ON(n != 3 || miter.page || miter.addr || miter.length || in_atomic());
       sg_miter_stop(&miter);
       sg_miter_start(&miter, list, sg_nents(list), SG_MITER_FROM_SG | SG_MITER_LOCAL);
       for (n = 0; sg_miter_next(&miter); n++) BUG_ON(memchr_inv(miter.addr, n + 1, miter.length));
       BUG_ON(n != 3); sg_miter_stop(&miter);`,
    ],
    [
      'consume a part, skip, and end',
      'exhausted',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG);
       BUG_ON(!sg_miter_next(&miter)); miter.consumed = 400; BUG_ON(!sg_miter_skip(&miter, 700));
       BUG_ON(miter.addr); BUG_ON(!sg_miter_next(&miter));
       BUG_ON(miter.page != pages[1] || offset_in_page(miter.addr) != 300 || miter.length != 900);
       sg_miter_stop(&miter); BUG_ON(sg_miter_skip(&miter, 1001)); BUG_ON(sg_miter_next(&miter));`,
    ],
    [
      'see what C changes meanwhile',
      'exhausted',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG | SG_MITER_ATOMIC); sg_miter_next(&miter);
       more[0].length = 7; BUG_ON(!sg_miter_next(&miter) || miter.length != 7); sg_miter_stop(&miter);`,
    ],
    [
      'live in an object, one after another',
      'exhausted',
      `struct sg_mapping_iter *miter = kzalloc(sizeof(*miter), GFP_KERNEL);
       sg_miter_start(miter, list, 1, SG_MITER_FROM_SG | SG_MITER_LOCAL); BUG_ON(!sg_miter_next(miter)); sg_miter_stop(miter);
       sg_miter_start(miter, more, 1, SG_MITER_FROM_SG | SG_MITER_LOCAL); BUG_ON(!sg_miter_next(miter));
       BUG_ON(miter->page != pages[1]); sg_miter_stop(miter); kfree(miter);`,
    ],
    [
      'without a direction',
      'miter-no-direction',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_ATOMIC);`,
    ],
    [
      'that consume more than there is',
      'miter-over-consumed',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG | SG_MITER_ATOMIC);
       sg_miter_next(&miter); miter.consumed = 1001; sg_miter_next(&miter);`,
    ],
    [
      'stopped with page faults enabled',
      'miter-atomic-faults',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG | SG_MITER_ATOMIC);
       sg_miter_next(&miter); pagefault_enable(); sg_miter_stop(&miter);`,
    ],
    [
      'that skip backwards',
      'miter-negative-skip',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG); sg_miter_skip(&miter, -8);`,
    ],
    [
      'that may sleep, in an atomic section',
      'kmap-in-atomic',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG); preempt_disable(); sg_miter_next(&miter);`,
    ],
    [
      'of the atomic kind, across a sleep',
      'sleep-in-atomic',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG | SG_MITER_ATOMIC); sg_miter_next(&miter); schedule();`,
    ],
    [
      'never stopped',
      'leak',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG | SG_MITER_LOCAL); sg_miter_next(&miter);`,
    ],
    [
      'whose chunk is used after the next',
      'unmapped-slot',
      `${START} char *p; sg_miter_start(&miter, list, 3, SG_MITER_TO_SG | SG_MITER_ATOMIC);
       sg_miter_next(&miter); p = miter.addr; sg_miter_stop(&miter); p[0] = 1;`,
    ],
    [
      'whose page is overrun',
      'wild-access',
      `${START} sg_miter_start(&miter, list, 3, SG_MITER_TO_SG | SG_MITER_ATOMIC);
       sg_miter_next(&miter); memset(miter.addr, 1, PAGE_SIZE); sg_miter_stop(&miter);`,
    ],
    ['never started', 'uninitialised-read', `${START} sg_miter_next(&miter);`],
    [
      'over an entry without a page',
      'sg-empty-entry',
      `${START} struct scatterlist sg; sg_init_table(&sg, 1); sg.length = 8;
       sg_miter_start(&miter, &sg, 1, SG_MITER_FROM_SG | SG_MITER_LOCAL); sg_miter_next(&miter);`,
    ],
    [
      'over a list without an end',
      'object-overrun',
      `${START} struct scatterlist *sg = kcalloc(1, sizeof(*sg), GFP_KERNEL); sg_set_page(sg, pages[0], 8, 0);
       sg_miter_start(&miter, sg, 2, SG_MITER_FROM_SG | SG_MITER_LOCAL);`,
    ],
  ]);

  itInC('may go on in an interrupt', () => {
    const text = (how: string): string => `${LIST}
static struct sg_mapping_iter miter; static size_t got; /* no name of a section is one of ours */
SETUP(start) { sg_miter_start(&miter, list, 3, SG_MITER_FROM_SG | ${how}); }
SECTION(task, wait) { might_sleep(); }
IRQ(data, times = 3) { if (sg_miter_next(&miter)) { got += miter.length; } sg_miter_stop(&miter); }
CHECK(all) { return got == 3000; }`;
    expect(ruleOfFile(fileOf(text('SG_MITER_ATOMIC')))).to.equal('exhausted');
    expect(ruleOfFile(fileOf(text('0')))).to.equal('kmap-in-atomic');
  });
});

describe('page iterators in C', () => {
  itInCases(LIST, [
    [
      'visit each page',
      'exhausted',
      `struct sg_page_iter piter; int n = 0;
       for_each_sg_page(list, &piter, 3, 0) { BUG_ON(sg_page_iter_page(&piter) != pages[n]); n++; }
       BUG_ON(n != 3); n = 0;
       for_each_sg_page(list, &piter, 3, 2) { BUG_ON(sg_page_iter_page(&piter) != pages[2]); n++; }
       BUG_ON(n != 1);`,
    ],
    [
      'visit each page of a device',
      'exhausted',
      `struct sg_dma_page_iter it; dma_addr_t sum = 0;
       sg_dma_address(more) = 0x5000; more[0].dma_length = 8192; more[1].dma_length = 0;
       for_each_sg_dma_page(more, &it, 1, 0) sum += sg_page_iter_dma_address(&it);
       BUG_ON(sum != 0x5000 + 0x6000);`,
    ],
  ]);
});
