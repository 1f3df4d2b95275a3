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
});
