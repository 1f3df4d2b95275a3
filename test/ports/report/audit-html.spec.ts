import { expect } from 'chai';
import { auditHtml, auditPort } from 'scatterlist/ports';
import { pageCells } from './page-cells.ts';
import { LOADED } from '../page-port.ts';

describe('an audit as a page', () => {
  const cells = pageCells(['in a handler'], ['kmap', 'kmap_local']).filter(
    ({ configuration }) => configuration === '32-bit',
  );
  const page = auditHtml([auditPort(LOADED, 'in a handler')], cells);

  it('has the sites, a bar for each backend, and for each bar a report that it links to', () => {
    expect(page).to.match(/<td>page \(in a handler\)<\/td><td>page-port\.ts:\d+<\/td>/);
    const links = [...page.matchAll(/<a href="#(\w+)">/g)].map(([, id]) => id);
    const ids = [...page.matchAll(/<details id="(\w+)">/g)].map(([, id]) => id);
    expect(links).to.deep.equal(ids).and.to.have.length(2);
    expect(page).to.contain('kmap-in-atomic').and.contain('rule: kmap-in-atomic');
  });

  it('is one file, and what ports say is escaped in it', () => {
    expect(page).to.not.match(/<(script|link|img)|https?:/);
    const [cell] = cells;
    if (cell === undefined) throw new Error('no cell');
    expect(auditHtml([], [{ ...cell, port: '<b>&"' }]))
      .to.contain('&lt;b&gt;&amp;&quot;')
      .and.not.contain('<b>&');
  });
});
