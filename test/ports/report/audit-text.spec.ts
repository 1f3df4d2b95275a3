import { expect } from 'chai';
import { PLAIN, auditAt, auditLines, auditPort, auditSummary } from 'scatterlist/ports';
import { LOADED } from '../page-port.ts';

describe('an audit as text', () => {
  it('tells of each site its scope, the best backend, its needs and the reason, within 80 columns', () => {
    const lines = auditLines(auditPort(LOADED, 'used by a handler'), PLAIN);
    const text = lines.join(' ').replaceAll(/\s+/g, ' ');
    expect(lines[0]).to.equal('page (used by a handler)  no file');
    expect(lines[1]).to.match(/^ {2}GLOBAL {2}page-port\.ts:\d+ {2}best: /);
    expect(text).to.contain('address used by hardirq "done"').and.contain('held while it sleeps on ');
    expect(text).to.contain('not page_address').and.contain('Linux original: none');
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
  });

  it('says whether a site relies on page faults or preemption being off, and what a conversion adds', () => {
    const text = (variant: string): string =>
      auditLines(auditPort(LOADED, variant), PLAIN).join(' ').replaceAll(/\s+/g, ' ');
    expect(text('from a user'))
      .to.contain('with pagefault_disable')
      .and.contain('page faults off: RELIED ON');
    expect(text('original')).to.contain('page faults off: not relied on, no memory of a user');
    expect(text('original')).to.contain('preemption off: not observed, no other task ran on its CPU');
  });

  it('says that a variant maps no page, or that a copy helper maps', () => {
    const lines = (variant: string): readonly string[] => auditLines(auditPort(LOADED, variant), PLAIN);
    expect(lines('no map')[1]).to.equal('  maps no page, so no backend is needed');
    expect(lines('reads its CPU unmapped')[1]).to.equal('  no mapping was observed before it broke a rule');
    expect(lines('copy helper').join('\n')).to.contain('a copy helper, which maps and releases by itself');
    expect(lines('original').join('\n')).to.contain('cheaper no map, as no map');
    expect(lines('original').join('\n')).to.contain('simpler no map of its own, as copy helper');
  });

  it('tells what breaks where every mapping is allowed', () => {
    expect(auditLines(auditPort(LOADED, 'past the end'), PLAIN).join('\n')).to.contain(
      'breaks  page-overrun',
    );
  });

  it('counts local and global sites beside the count of 2020', () => {
    const audits = ['original', 'used by a handler'].map((variant) => auditPort(LOADED, variant));
    expect(auditSummary(audits)).to.contain(
      '2 mapping sites of all variants: 1 local : 1 global (50 % local)',
    );
    expect(auditSummary([]))
      .to.contain('0 mapping sites')
      .and.match(/204 local : 22\s+global/);
    expect(
      auditSummary([])
        .split('\n')
        .every((line) => line.length <= 80),
    ).to.equal(true);
  });

  it('has the places as they are translated', () => {
    const audit = auditAt(auditPort(LOADED, 'original'), () => ({ file: 'x.ts', line: 3, column: 1 }));
    expect(auditLines(audit, PLAIN)[1]).to.contain('x.ts:3');
  });
});
