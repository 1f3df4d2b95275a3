import { expect } from 'chai';
import { escaped, ledgerHtml } from '../../../lib/ports/report/ledger-html.ts';
import { pageCells } from './page-cells.ts';

describe('the ledger as bars', () => {
  const cells = pageCells(['original'], ['kmap', 'kmap_local', 'page_address']).filter(
    ({ configuration }) => configuration === '32-bit',
  );
  const table = ledgerHtml(cells, ({ contract }) => contract.name);
  const rowOf = (backend: string): string =>
    table.split('<tr>').find((row) => row.includes(`#${backend}"`)) ?? '';

  it('has a row for each backend, and a bar whose length is in proportion to the count', () => {
    expect(table.split('<tr>')).to.have.length(5);
    expect(table).to.contain('<th>PTE writes</th>').and.not.contain('<th>device</th>');
    expect(rowOf('kmap_local')).to.contain(
      '<svg width="48" height="9"><rect width="48" height="9"/></svg> 2<',
    );
    expect(rowOf('kmap')).to.contain('<svg width="24" height="9"><rect width="24" height="9"/></svg> 1<');
  });

  it('says what a backend that did not verify did', () => {
    expect(rowOf('page_address')).to.contain('<td>Unmappable</td>').and.not.contain('<svg');
  });

  it('links to the trace of a run that has one', () => {
    expect(table).to.not.contain('trace');
    const traced = ledgerHtml(
      cells.map((cell) => ({ ...cell, trace: [] })),
      ({ contract }) => contract.name,
    );
    expect(traced).to.contain('<a href="#kmap-trace">trace</a>');
  });

  it('escapes the names of backends', () => {
    const named = cells.map((cell) => ({ ...cell, contract: { ...cell.contract, name: '<i>' } }));
    expect(ledgerHtml(named, () => 'x'))
      .to.contain('&lt;i&gt;')
      .and.not.contain('<i>');
    expect(escaped(`<a b="c">&'`)).to.equal('&lt;a b=&quot;c&quot;&gt;&amp;&#39;');
  });
});
