/**
 * A page for each port, made from its definition, its comment, the audit, and a run of each variant over each backend.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLAIN, auditLines, auditPort, defineMatrix, describeOutcome, runRow } from 'scatterlist/ports';
import type { ConfiguredCell, LoadedPort, Port } from 'scatterlist/ports';
import { PORTS } from '../../examples/drivers/index.ts';
import { ROOT } from '../public-api.ts';
import { filesOfPorts } from '../ports-table.ts';
import { sourcePageOf } from './links.ts';
import { cell, fenced, headComment, table } from './markdown.ts';
import type { SitePage } from './page.ts';

const CONFIGURATION = '32-bit';
/** What the ports move: enough for several pages. */
const CONTENT = Uint8Array.from({ length: 16384 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const MARKS = { verified: '✓', refused: '·', violation: '✗', failed: '!' } as const;

/** The list of ports, and a page for each. `shown` collects their source files. */
export async function portPages(shown: Set<string>): Promise<readonly SitePage[]> {
  const files = await filesOfPorts();
  const pages: SitePage[] = [indexPage(PORTS)];
  for (const port of PORTS) {
    const file = files.get(port.name);
    if (file === undefined) throw new Error(`no file has the port ${port.name}`);
    shown.add(file);
    const loaded = await port.load({ name: 'a pattern', content: CONTENT });
    pages.push({ path: `ports/${port.name}.md`, text: portPage(port, loaded, file) });
  }
  return pages;
}

function indexPage(ports: readonly Port[]): SitePage {
  const text = [
    '# Ports of drivers',
    '',
    'A port is the mapping section of a driver, written against any backend, with a device or a peer that feeds it and a',
    'check of every byte. `npx scatterlist matrix` runs them all. [Write your own](/port.md).',
    '',
    ...table(
      ['port', 'Linux file', 'what it does'],
      ports.map(({ name, follows, about }) => [`[${name}](/ports/${name}.md)`, cell(follows), cell(about)]),
    ),
    '',
  ];
  return { path: 'ports.md', text: text.join('\n') };
}

function portPage(port: Port, loaded: LoadedPort, file: string): string {
  const [first = ''] = Object.keys(port.variants);
  return [
    `# ${port.name}`,
    '',
    ...headComment(readFileSync(join(ROOT, file), 'utf8')).flatMap((paragraph) => [cell(paragraph), '']),
    `Source: [${file}](${sourcePageOf(file)}). Memory of its pages: ${port.memory.join(', ')}.`,
    '',
    '## Variants',
    '',
    ...table(
      ['variant', 'what it does', 'in Linux'],
      Object.entries(port.variants).map(([name, { about, linux }]) => [cell(name), cell(about), cell(linux)]),
    ),
    '',
    '## What its sites need',
    '',
    `\`npx scatterlist audit ${port.name}\` observes each mapping and says which backends serve it:`,
    '',
    ...fenced('text', auditLines(auditPort(loaded, first), PLAIN).join('\n').replaceAll(`${ROOT}/`, '')),
    '',
    '## Over each backend',
    '',
    `The first variant that uses a backend, on a 32-bit machine. ✓ every byte arrived, ✗ broke a rule, · was refused. \`npx scatterlist matrix --why ${port.name} BACKEND\` shows the report.`,
    '',
    ...matrixOf(port, loaded),
    '',
  ].join('\n');
}

function matrixOf(port: Port, loaded: LoadedPort): readonly string[] {
  const variant = Object.entries(port.variants).find(([, { usesBackend }]) => usesBackend)?.[0];
  const [memory] = port.memory;
  if (variant === undefined || memory === undefined)
    return ['No variant uses a backend: each calls mapping functions of its own.'];
  const matrix = defineMatrix({ ports: [port], configurations: { [CONFIGURATION]: { highmem: true } } });
  const cells = [...runRow(matrix, { port, variant, memory }, loaded)];
  return table(['backend', '', `${variant}, ${memory}`], cells.map(rowOf));
}

function rowOf({ column, outcome }: ConfiguredCell): readonly string[] {
  return [cell(column.contract.name), MARKS[outcome.result], cell(describeOutcome(outcome))];
}
