import { expect } from 'chai';
import { contractBody, failingMaps } from '../../../../../lib/cli/check/proof/world/contract-stubs.ts';
import { headIn } from '../../../../../lib/cli/check/proof/world/declared.ts';

function bodyOf(head: string): string | undefined {
  const found = headIn(head);
  return found === undefined ? undefined : contractBody(found)?.join(' ');
}

describe('functions of other files, by their contracts', () => {
  it('map, or fail, and put the address where they put it', () => {
    expect(bodyOf('void *kmap_skb_frag(const skb_frag_t *frag)')).to.match(/^return kmap_atomic\(/);
    expect(bodyOf('int dma_buf_vmap(struct dma_buf *buffer, struct iosys_map *map)')).to.match(
      /return -ENOMEM; map->vaddr = vmap\(.*\); return 0;$/,
    );
  });

  it('undo it', () => {
    expect(bodyOf('void kunmap_skb_frag(void *address)')).to.equal('kunmap_atomic(address);');
    expect(bodyOf('void dma_buf_vunmap(struct dma_buf *buffer, struct iosys_map *map)')).to.equal(
      'vunmap(map->vaddr);',
    );
  });

  it('are left to the explorer if they do neither', () => {
    expect(bodyOf('int start(struct host *host)')).to.equal(undefined);
  });

  it('fail where the code or the finding looks at that', () => {
    const fails = (text: string, rule: 'leak' | 'null-pointer'): number => failingMaps(text, rule).length;
    expect(fails('at = vmap(pages, 2, VM_MAP, PAGE_KERNEL); if (!at) return -ENOMEM;', 'leak')).to.equal(1);
    expect(fails('at = vmap(pages, 2, VM_MAP, PAGE_KERNEL); at[0] = 1;', 'leak')).to.equal(0);
    expect(fails('at = vmap(pages, 2, VM_MAP, PAGE_KERNEL); at[0] = 1;', 'null-pointer')).to.equal(1);
    expect(fails('at = kmap_local_page(page);', 'null-pointer')).to.equal(0);
  });
});
