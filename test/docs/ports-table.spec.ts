import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PORTS } from '../../examples/drivers/index.ts';
import { withPorts } from '../../tools/ports-table.ts';

describe('the table of ports in the README', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

  it('has every port with what the audit says of it (npm run docs)', async () => {
    const squeezed = (text: string): string =>
      (/<!-- ports -->[^]*<!-- end of ports -->/.exec(text)?.[0] ?? '')
        .replaceAll(/ +/g, ' ')
        .replaceAll(/-+/g, '-');
    expect(squeezed(readme)).to.not.equal('');
    expect(squeezed(readme)).to.equal(squeezed(await withPorts(readme)));
    for (const { name } of PORTS) expect(readme).to.contain(`| ${name} `);
  });
});
