/** Every exhibit breaks the rule that docs/exhibits.md states, by the schedule that stands there; its fix does not. */
import { expect } from 'chai';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { explorerOf, isDefinedProgram } from 'scatterlist/explore';
import type { DefinedProgram } from 'scatterlist/explore';
import { COLUMNS } from 'scatterlist/ports';
import { PORTS } from '../../examples/drivers/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, 'examples', 'exhibits');

interface Row {
  readonly name: string;
  readonly rule: string;
  readonly schedule: string;
}

const ROWS: readonly Row[] = [
  ...readFileSync(join(ROOT, 'docs', 'exhibits.md'), 'utf8').matchAll(
    /^\| \[([\w-]+)\]\(\.\.\/examples\/exhibits\/\1\.ts\) \|.*\| `([a-z-]+)` \| `([\d.=]+)` \|/gm,
  ),
].map(([, name = '', rule = '', schedule = '']) => ({ name, rule, schedule }));

async function programOf(file: string): Promise<DefinedProgram> {
  const module: unknown = await import(pathToFileURL(join(FOLDER, file)).href);
  const program: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, 'default') : undefined;
  if (!isDefinedProgram(program)) throw new Error(`${file} exports no program`);
  return program;
}

describe('the pages on conversions and exhibits', () => {
  const text = ['converting.md', 'exhibits.md']
    .map((file) => readFileSync(join(ROOT, 'docs', file), 'utf8'))
    .join();

  it('name programs that exist', () => {
    const files = [...text.matchAll(/scatterlist explore (examples\/[\w./-]+\.ts)/g)].map(
      ([, file = '']) => file,
    );
    expect(files).to.have.length.above(5);
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).to.deep.equal([]);
  });

  it('name ports and backends that exist', () => {
    const asked = [...text.matchAll(/scatterlist matrix --why ([\w-]+) (\w+)/g)];
    expect(asked).to.have.length.above(2);
    const ports = PORTS.map(({ name }) => name);
    const backends = COLUMNS.map(({ contract }) => contract.name);
    for (const [, port = '', backend = ''] of asked) {
      expect(ports).to.include(port);
      expect(backends).to.include(backend);
    }
  });
});

describe('the exhibits', () => {
  it('have a row each, and a file of the fixed form', () => {
    const names = ROWS.map(({ name }) => `${name}.ts`);
    const files = (folder: string): string[] => readdirSync(folder).filter((file) => file.endsWith('.ts'));
    expect(names).to.have.members(files(FOLDER)).and.to.have.length.above(8);
    expect(names).to.have.members(files(join(FOLDER, 'fixed')));
  });

  for (const { name, rule, schedule } of ROWS) {
    it(`${name}: breaks ${rule} by ${schedule}, and is explored to the end when it is fixed`, async () => {
      const broken = await programOf(`${name}.ts`);
      const outcome = explorerOf(broken).explore(broken);
      if (outcome.kind !== 'violation') throw new Error(`${name} ended with ${outcome.kind}`);
      expect(outcome.violation.rule).to.equal(rule);
      expect(String(outcome.schedule)).to.equal(schedule);
      const { explain, parseSchedule } = explorerOf(broken);
      const told = explain(broken, parseSchedule(schedule));
      expect(told.exact).to.equal(true);
      expect(told.violation?.rule).to.equal(rule);
      const fixed = await programOf(`fixed/${name}.ts`);
      expect(explorerOf(fixed).explore(fixed).kind).to.equal('exhausted');
    });
  }
});
