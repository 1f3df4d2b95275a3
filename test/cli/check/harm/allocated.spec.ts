import { expect } from 'chai';
import { inLowMemory } from '../../../../lib/cli/check/harm/allocated.ts';

const why = (page: string, text: string, parameters: readonly string[] = []): string | undefined =>
  inLowMemory(page, parameters, text, text);

describe('a page in low memory', () => {
  it('is one whose variable is given only what is allocated there', () => {
    expect(why('page', 'page = alloc_page(GFP_KERNEL | __GFP_ZERO);')).to.equal(
      'page comes from alloc_page with GFP_KERNEL | __GFP_ZERO, which is never highmem',
    );
    expect(why('page', 'struct page *page = NULL;\npage = alloc_pages(GFP_NOIO, 0);')).to.match(
      /alloc_pages with/,
    );
    expect(why('pages[i]', 'pages[n] = alloc_pages_node(cpu_to_node(cpu), GFP_ATOMIC, 0);')).to.match(
      /GFP_ATOMIC/,
    );
    expect(why('page', 'page = virt_to_page(buffer);')).to.match(/virt_to_page/);
    expect(why('virt_to_page(buffer)', '')).to.match(/virt_to_page/);
  });

  it('is one whose field is', () => {
    expect(why('pd->p', 'pt->p = alloc_page(GFP_DMA32);\nv = kmap_atomic(pt->p);')).to.match(
      /pd->p comes from/,
    );
    expect(why('pd->p', 'pt->p = alloc_page(GFP_DMA32);\npd->p = given;')).to.equal(undefined);
  });

  for (const [name, text] of Object.entries({
    'may be in highmem': 'page = alloc_page(GFP_HIGHUSER);',
    'asks for highmem': 'page = alloc_page(GFP_KERNEL | __GFP_HIGHMEM);',
    'has flags of the caller': 'page = alloc_page(gfp);',
    'has flags of the caller beside its own': 'page = alloc_page(GFP_KERNEL | gfp);',
    'may be another one': 'page = alloc_page(GFP_KERNEL);\npage = sg_page(sg);',
    'is found by another function': 'page = find_get_page(mapping, 0);',
    'may be given by its address': 'page = alloc_page(GFP_KERNEL);\nget(dev, &page);',
    'is one of a list':
      'page = alloc_page(GFP_KERNEL);\nlist_for_each_entry(page, &pages, lru)\n\tuse(page);',
    'is never given': 'use(page);',
    'is compared only': 'if (page == alloc_page(GFP_KERNEL)) return;',
    'is part of another name': 'subpage = alloc_page(GFP_KERNEL);',
    'is a field of that name': 'host->page = alloc_page(GFP_KERNEL);',
  }))
    it(`is not one that ${name}`, () => {
      expect(why('page', text)).to.equal(undefined);
    });

  it('is none that the caller gives', () => {
    expect(why('page', 'if (!page)\n\tpage = alloc_page(GFP_KERNEL);', ['page'])).to.equal(undefined);
  });
});
