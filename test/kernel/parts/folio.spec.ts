import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { Folio } from 'scatterlist/machine';

describe('Folio', () => {
  const machine = createMachine({ lowmemPages: 8, highmemPages: 8 });
  const [head, second, third, fourth, outside] = machine.allocPages(5, { zone: 'lowmem' });
  if (!head || !second || !third || !fourth || !outside) throw new Error('no pages');

  it('knows its pages and its size', () => {
    const folio = new Folio(head, 4);
    expect(folio.sizeBytes).to.equal(4 * 4096);
    expect(folio.page(3)).to.equal(fourth);
  });

  it('is found by each of its pages, and by no other', () => {
    const folio = machine.folios.compound(head, 4);
    expect([head, second, third, fourth].map((page) => machine.folios.of(page))).to.deep.equal(
      Array(4).fill(folio),
    );
    expect(machine.folios.of(outside)).to.deep.equal(new Folio(outside, 1));
    machine.folios.split(folio);
    expect(machine.folios.of(second)).to.deep.equal(new Folio(second, 1));
  });

  it('does not overlap another, nor reach into another zone, nor have a part of a page', () => {
    const folio = machine.folios.compound(second, 2);
    expect(() => machine.folios.compound(head, 2)).to.throw(ConfigError, 'part of a folio already');
    expect(machine.folios.of(head).pages).to.equal(1);
    machine.folios.split(folio);
    expect(() => machine.folios.compound(head, 9)).to.throw(ConfigError, 'one zone');
    expect(() => machine.folios.compound(head, 1.5)).to.throw(
      ConfigError,
      'is 1.5; it must be a whole number',
    );
  });

  it('has whole numbers of pages, from one on, and pages with whole numbers', () => {
    for (const pages of [0, -1, NaN, 2 ** 31 + 1])
      expect(() => new Folio(head, pages)).to.throw(ConfigError, 'pages of a folio');
    expect(new Folio(head, 2 ** 31).pages).to.equal(2 ** 31);
    for (const n of [-1, 0.5, NaN, 17]) expect(() => new Folio(head, 2).page(n)).to.throw(RangeError, 'n is');
  });
});
