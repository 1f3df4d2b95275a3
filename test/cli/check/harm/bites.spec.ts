import { expect } from 'chai';
import { MAPS, PAGE_TABLE_MAPS } from '../../../../lib/cli/check/contracts/contract.ts';
import { harmOf } from '../../../../lib/cli/check/harm/bites.ts';
import { Grammar } from '../../../../lib/cli/check/parse/grammar.ts';
import type { CheckedRule, Variant } from '../../../../lib/cli/check/walk/sighting.ts';

describe('the kernels on which a finding does harm', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await Grammar.load();
  });

  const of = (rule: CheckedRule, name: string, body = '', variant?: Variant): string => {
    const contract = [...MAPS, ...PAGE_TABLE_MAPS].find((each) => each.name === name);
    const text = `void f(struct page *given)\n{\n${body}\n}\n`;
    const [found] = grammar.parse(text).functions;
    if (found === undefined) throw new Error('no function');
    return harmOf({ rule, variant, contract, page: 'page' }, found, text).bites;
  };

  it('are those where the map takes something, for a leak', () => {
    expect(of('leak', 'kmap_local_page')).to.equal('highmem');
    expect(of('leak', 'kmap')).to.equal('highmem');
    expect(of('leak', 'kmap_atomic')).to.equal('all');
    expect(of('leak', 'vmap')).to.equal('all');
    expect(of('leak', 'dma_buf_vmap')).to.equal('all');
    expect(of('leak', 'pte_offset_map')).to.equal('all');
    expect(of('leak', 'io_mapping_map_wc')).to.equal('x86-32');
    expect(of('leak', 'io_mapping_map_atomic_wc')).to.equal('all');
  });

  it('are those where an iterator takes something, which depends on its flags', () => {
    expect(of('leak', 'sg_miter_next')).to.equal('highmem');
    expect(of('leak', 'sg_miter_next', 'sg_miter_start(&it, sg, n, SG_MITER_ATOMIC);')).to.equal('all');
  });

  it('are those where an address ends, for what is done with it', () => {
    expect(of('unmap-order', 'kmap_atomic')).to.equal('highmem');
    expect(of('use-after-unmap', 'kmap_atomic')).to.equal('highmem');
    expect(of('page-overrun', 'kmap_atomic')).to.equal('highmem');
    expect(of('slot-taken', 'kmap_atomic')).to.equal('highmem');
    expect(of('use-after-unmap', 'vmap')).to.equal('all');
    expect(of('use-after-unmap', 'io_mapping_map_atomic_wc')).to.equal('x86-32');
  });

  it('are those where the map can fail, for a result that is not tested', () => {
    expect(of('null-pointer', 'vmap')).to.equal('all');
    expect(of('null-pointer', 'io_mapping_map_wc')).to.equal('x86-32');
    expect(of('null-pointer', 'pte_offset_map')).to.equal('all');
    expect(of('null-pointer', 'kmap_local_page_try_from_panic')).to.equal('highmem');
  });

  it('are all where preemption is enabled that was not disabled, or the reverse', () => {
    expect(of('unmap-mismatch', 'kmap_atomic')).to.equal('all');
    expect(of('unmap-mismatch', 'kmap_local_page')).to.equal('highmem');
    expect(of('unmap-mismatch', 'kmap_local_page', '', 'unmapped as atomic')).to.equal('all');
    expect(of('unmap-mismatch', 'kmap_atomic', '', 'another slot')).to.equal('highmem');
    expect(of('conversion', 'kmap_atomic')).to.equal('highmem');
    expect(of('conversion', 'kmap_atomic', '', 'relied on')).to.equal('all');
  });

  it('are none if the page is in low memory, and nothing but highmem is touched', () => {
    const allocates = 'struct page *page = alloc_page(GFP_KERNEL);';
    expect(of('leak', 'kmap_local_page', allocates)).to.equal('letter');
    expect(of('leak', 'kmap_atomic', allocates)).to.equal('all');
    expect(of('unmap-order', 'kmap_atomic', allocates)).to.equal('letter');
  });
});
