import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { command } from './in-process.ts';
import { OWN_PORT } from './matrix/own.ts';

describe('scatterlist audit', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(import.meta.dirname, 'audit-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('tells of a port its sites and the count', async () => {
    const { code, out } = await command('audit', 'mvsas');
    expect(code).to.equal(0);
    expect(out).to.match(/local .*mvsas-smp\.ts:\d+.* best: kmap_local/);
    expect(out).to.contain('1 mapping sites: 1 local : 0 global (100 % local)');
  });

  it('audits every variant with --all, and gives a program everything', async () => {
    const { out } = await command('audit', 'mvsas', '--all', '--json');
    const { ports, local } = JSON.parse(out) as { ports: readonly { variant: string }[]; local: number };
    expect(ports.map(({ variant }) => variant)).to.deep.equal(['original', 'copy helper']);
    expect(local).to.equal(2);
  });

  it("audits a user's own port, and writes a page", async () => {
    const port = join(folder, 'port.mjs');
    const page = join(folder, 'page.html');
    writeFileSync(port, OWN_PORT);
    const { code, out } = await command('audit', '--port', port, '--html', page);
    expect([code, out.includes('port.mjs:')]).to.deep.equal([0, true]);
    expect(readFileSync(page, 'utf8')).to.contain('own (original)').and.contain('<svg');
    const [, trace = ''] = /<pre id="cell0-trace">([^<]*)</.exec(readFileSync(page, 'utf8')) ?? [];
    expect(trace).to.match(/map 0x\w+ slot \d+ \(kmap\) at port\.mjs:\d+/);
  });

  for (const [args, message] of [
    [['floppy'], /no such port; there are .*mvsas-smp/],
    [['--json', '--json'], /--json is given twice/],
    [['--port', '/no/such/file'], /there is no such file/],
    [['--html', '/no/such/folder/x.html'], /there is no such file/],
  ] as const)
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, out, err } = await command('audit', ...args);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.match(message);
    });
});
