import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PORTS } from '../../examples/drivers/index.ts';
import { withPorts } from '../../tools/ports-table.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('the table of ports in the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

  it('has every port with what the audit says of it (npm run docs)', async () => {
    const squeezed = (text: string): string =>
      (/<!-- ports -->[^]*<!-- end of ports -->/.exec(text)?.[0] ?? '')
        .replaceAll(/ +/g, ' ')
        .replaceAll(/-+/g, '-');
    expect(squeezed(readme)).to.not.equal('');
    expect(squeezed(readme)).to.equal(squeezed(await withPorts(readme)));
    for (const { name } of PORTS) {
      const [, file = ''] = new RegExp(`\\| \\[${name}\\]\\(([^)]+)\\) `).exec(readme) ?? [];
      expect(existsSync(join(ROOT, file)) && file !== '', name).to.equal(true);
    }
  });
});
