import { expect } from 'chai';
import { auditHtml, auditPort } from 'scatterlist/ports';
import { pageCells } from './page-cells.ts';
import { LOADED } from '../page-port.ts';

describe('an audit as a page', () => {
  const cells = pageCells(['in a handler'], ['kmap', 'kmap_local'])
    .filter(({ configuration }) => configuration === '32-bit')
    .map((cell) => ({ ...cell, trace: [`one <cpu0>  maps over ${cell.contract.name}`] }));
  const page = auditHtml([auditPort(LOADED, 'in a handler')], cells);
  const idsOf = (pattern: RegExp, text: string): readonly (string | undefined)[] =>
    [...text.matchAll(pattern)].map(([, id]) => id);

  it('has the sites, with every question of the audit', () => {
    expect(page).to.match(/page \(in a handler\)<\/a><br>page-port\.ts:\d+<\/td>/);
    const row = /<tr><td><a href="#port0">[^]*?<\/tr>/.exec(page)?.[0] ?? '';
    for (const fact of [
      '<span class="local">local</span>',
      'best: ',
      'in hardirq',
      'highmem, lowmem, iomem, protected pages',
      '1 page each',
      '1 at once',
      'never',
      'not relied on: no memory of a user is touched while mapped',
      'not relied on: it is held in hardirq only',
      '✗ <a href="#cell0">kmap</a>',
      'none',
    ])
      expect(row).to.contain(fact);
  });

  it('has for each cell a report and the trace of its run, and links to both', () => {
    const links = new Set(idsOf(/<a href="#(cell[^"]+)">/g, page));
    expect([...links].sort()).to.deep.equal(['cell0', 'cell0-trace', 'cell1', 'cell1-trace']);
    expect(idsOf(/<pre id="([^"]+)">/g, page)).to.deep.equal([
      'cell0',
      'cell0-trace',
      'cell1',
      'cell1-trace',
    ]);
    // A browser unfolds what a link leads into, not what it leads to.
    expect(page).to.not.contain('<details id');
    expect(page).to.contain('kmap-in-atomic').and.contain('rule: kmap-in-atomic');
    expect(page).to.contain('<pre id="cell1-trace">one &lt;cpu0&gt;  maps over kmap_local</pre>');
  });

  it('says of a variant that maps no page that it does, and of a copy helper that the driver holds no map', () => {
    const [none, helped] = ['no map', 'copy helper'].map((variant) =>
      auditHtml([auditPort(LOADED, variant)], []),
    );
    expect(none).to.match(/<td colspan="7">maps no page, so no backend is needed<\/td><td>none<\/td>/);
    expect(helped).to.contain('a copy helper, which maps and releases by itself');
  });

  it('is one file, and what ports say is escaped in it', () => {
    expect(page).to.not.match(/<(script|link|img)|https?:/);
    const [cell] = cells;
    if (cell === undefined) throw new Error('no cell');
    expect(auditHtml([], [{ ...cell, port: '<b>&"' }]))
      .to.contain('&lt;b&gt;&amp;&quot;')
      .and.not.contain('<b>&');
    const audit = {
      ...auditPort(LOADED, 'original'),
      port: '<u>',
      variant: '<u>',
      about: '<u>',
      follows: '<u>',
    };
    const steps = audit.steps.map((step) => ({ ...step, variant: '<u>', about: '<u>', linux: '<u>' }));
    expect(auditHtml([{ ...audit, steps, faults: ['<u>'] }], [])).to.not.contain('<u>');
  });
});
