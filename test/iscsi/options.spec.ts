import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { DEFAULT_LIMITS } from '../../examples/iscsi-target/iscsi/limits.ts';
import { OPTIONS, parseOptions, USAGE } from '../../examples/iscsi-target/options.ts';

const docs = readFileSync(new URL('../../docs/iscsi.md', import.meta.url), 'utf8');
const rows = docs.split('\n').filter((line) => line.startsWith('| `--'));

/** The names of the options in a text. */
function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/--([a-z][a-z0-9-]*)/g)].map(([, name = '']) => name))].sort();
}

/** What the documentation says is the default of each option. */
function documented(): Map<string, string> {
  const defaults = new Map<string, string>();
  for (const row of rows) {
    const [, options = '', values = ''] = row.replaceAll('\\|', '/').split('|');
    const names = namesIn(options);
    const given = names.length === 1 ? [values] : values.split(',');
    const inOrder = [...options.matchAll(/--([a-z0-9-]+)/g)].map(([, name = '']) => name);
    for (const [i, name] of inOrder.entries())
      defaults.set(name, (given[i] ?? '').replaceAll('`', '').trim());
  }
  return defaults;
}

describe('the options of the iSCSI target', () => {
  it('are those of the help and of the documentation, and no others', () => {
    const names = Object.keys(OPTIONS).sort();
    expect(namesIn(USAGE)).to.deep.equal(names);
    expect([...documented().keys(), 'help'].sort()).to.deep.equal(names);
  });

  it('--backend takes a name in any spelling', () => {
    for (const name of ['iomem_bounce', 'iomem-bounce', 'iomemBounce', 'IOMEM_BOUNCE'])
      expect(parseOptions(['--size', '1M', '--backend', name], () => undefined).backend).to.equal(
        'iomem_bounce',
      );
    expect(() => parseOptions(['--size', '1M', '--backend', 'iomem'], () => undefined)).to.throw(
      /kmap_local/,
    );
  });

  for (const [name, option] of Object.entries(OPTIONS)) {
    if (!('default' in option) || name === 'help') continue;
    const { default: value } = option;
    it(`--${name}: the documentation gives its default, ${String(value)}`, () => {
      expect(documented().get(name)).to.equal(typeof value === 'string' ? value : value ? 'on' : 'off');
    });
  }

  it('that limit a peer have the documented defaults', () => {
    const given: string[] = [];
    for (const [name, value] of documented()) {
      if (!('default' in (Reflect.get(OPTIONS, name) ?? {})) && !['size', 'image', 'inject'].includes(name))
        given.push(`--${name}`, value);
    }
    expect(given).to.have.length(2 * Object.keys(DEFAULT_LIMITS).length);
    expect(parseOptions(given, () => undefined)).to.deep.include(DEFAULT_LIMITS);
  });
});
