/**
 * A page for each backend, made from its contract, its comment, and what a map and an unmap of one page cost on a machine.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMachine } from 'scatterlist';
import type { ErrorCode, MemoryKind, Page } from 'scatterlist';
import { modelledCycles } from 'scatterlist/machine';
import type { LedgerCounts } from 'scatterlist/machine';
import { COLUMNS } from 'scatterlist/ports';
import type { Column } from 'scatterlist/ports';
import { readApi } from '../linux-api.ts';
import type { ApiRow } from '../linux-api.ts';
import { ROOT } from '../public-api.ts';
import { anchorOf } from './linux-table.ts';
import { cell, fenced, headComment, table } from './markdown.ts';
import type { SitePage } from './page.ts';
import type { ReferencePages } from './reference.ts';
import { sourcePageOf } from './links.ts';

const KINDS: readonly MemoryKind[] = ['lowmem', 'highmem', 'iomem', 'protected', 'unmappable'];
/** What the ledger counts, besides the map and the unmap themselves. */
const COUNTS: readonly (keyof LedgerCounts)[] = [
  'pteWrites',
  'flushesLocal',
  'flushesGlobal',
  'ipis',
  'lockAcquisitions',
  'lockWaits',
  'bytesBounced',
  'deviceAccesses',
  'cacheFlushes',
  'keySwitches',
];
const SIZES = { lowmemPages: 64, highmemPages: 64, protectedPages: 4, unmappablePages: 4, bounceSlots: 8 };

/** The list of backends, and a page for each. `shown` collects the source files that they link to. */
export function backendPages(pages: ReferencePages, shown: Set<string>): readonly SitePage[] {
  const files = readdirSync(join(ROOT, 'backends')).filter(
    (name) => name.endsWith('.ts') && name !== 'index.ts',
  );
  const { rows } = readApi();
  const made = files.map((name) => {
    const file = `backends/${name}`;
    const row = rows.find((each) => each.file === file && each.entries.includes('scatterlist/backends'));
    if (row === undefined) throw new Error(`${file} exports no backend`);
    shown.add(file);
    return { file, row, comment: headComment(readFileSync(join(ROOT, file), 'utf8')) };
  });
  return [
    indexPage(made),
    ...made.map(({ file, row, comment }) => ({
      path: `backends/${row.ours}.md`,
      text: backendPage(file, row, comment, pages),
    })),
  ];
}

function indexPage(made: readonly { readonly row: ApiRow; readonly comment: readonly string[] }[]): SitePage {
  const text = [
    '# Backends',
    '',
    'A backend is one way of mapping pages. Each states its contract as data, and a suite tests that it keeps it.',
    '[Write your own](/backend.md).',
    '',
    ...table(
      ['backend', 'what it is'],
      made.map(({ row, comment }) => [`[${row.ours}](/backends/${row.ours}.md)`, cell(comment[0] ?? '')]),
    ),
    '',
  ];
  return { path: 'backends.md', text: text.join('\n') };
}

function backendPage(
  file: string,
  row: ApiRow,
  [what = '', ...more]: readonly string[],
  pages: ReferencePages,
): string {
  const choose = more.find((paragraph) => paragraph.startsWith('Choose it'));
  if (choose === undefined) throw new Error(`the comment of ${file} does not say when to choose the backend`);
  const column = COLUMNS.find(({ contract }) => contract.name === contractName(file));
  const reference = pages.get(`scatterlist/backends ${row.ours}`);
  if (reference === undefined) throw new Error(`the reference has no page for ${row.ours}`);
  const linux = row.linux.map((name) => `[\`${name}\`](/linux-api.md#${anchorOf(name)})`).join(', ');
  return [
    `# ${row.ours}`,
    '',
    ...[what, ...more].flatMap((paragraph) => [cell(paragraph), '']),
    ...table(
      ['', ''],
      [
        [
          'Linux',
          linux === '' ? cell(row.note === '' ? 'no counterpart' : row.note) : `${linux} (${row.version})`,
        ],
        ['Context', cell(row.context)],
        ['Errors', errorText(row.errors)],
        ...(row.differs === '' ? [] : [['Differs', cell(row.differs)]]),
        ['Reference', `[${row.ours}](${reference})`],
        ['Source', `[${file}](${sourcePageOf(file)})`],
      ],
    ),
    '',
    ...exampleOf(file),
    ...(column === undefined ? [] : contractOf(column)),
  ].join('\n');
}

/** The name in the contract that the file declares, if it declares one. */
function contractName(file: string): string | undefined {
  return /^ {2}name: '([^']+)',$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1];
}

function errorText(errors: string): string {
  return cell(errors).replaceAll(
    /\b[A-Z][a-z]+[A-Z]\w+\b|\bUnmappable\b|\bInjected\b/g,
    (code) => `[${code}](/errors.md#${code.toLowerCase()})`,
  );
}

function contractOf({ contract, on }: Column): readonly string[] {
  const { nesting, except = {} } = contract;
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  const list = (of: readonly string[]): string => (of.length === 0 ? 'nothing' : of.join(', '));
  const terms = (of: typeof nesting): string =>
    `released in ${of.order === 'lifo' ? 'reverse order' : 'any order'}; limited by ${limit(of.limitedBy)}${
      of.beyond === 'none'
        ? ''
        : `, one more is ${of.beyond === 'violation' ? 'a violation' : errorLink(of.beyond)}`
    }`;
  return [
    '## Its contract',
    '',
    ...table(
      ['', ''],
      [
        ['Name', `\`${contract.name}\``],
        ['Mirrors', cell(contract.mirrors)],
        ['May be called in', list(contract.contexts)],
        ['May sleep (`sgMapWait`)', yes(contract.sleeps)],
        ['Addresses are valid', scopeText(contract.scope)],
        ['Several maps', terms(nesting)],
        ...Object.entries(except).map(([kind, of]) => [
          `For ${kind}`,
          `valid ${scopeText(of.scope)}; ${terms(of.nesting)}`,
        ]),
        ['Many pages in one map', yes(contract.contiguous)],
        ['Every map has `bytes`', yes(contract.direct)],
        ['A map of a highmem page disables', list(contract.disables)],
        ['The same on PREEMPT_RT', list(contract.disablesRt)],
      ],
    ),
    '',
    '## What it reaches, and what a pair costs',
    '',
    'One page mapped, one byte written, unmapped, on a machine with highmem: what the machine counted, and the cycles of',
    'its cost model.',
    '',
    ...table(
      ['memory', 'errors', 'counted', 'cycles'],
      KINDS.map((kind) => [kind, errorList(contract.errors[kind]), ...costOf(on, kind)]),
    ),
    '',
  ];
}

function limit(of: string | number): string {
  return of === 'nothing' ? 'nothing' : typeof of === 'number' ? String(of) : `\`${of}\` of the machine`;
}

function errorLink(code: string): string {
  return `[${code}](/errors.md#${code.toLowerCase()})`;
}

function errorList(codes: readonly ErrorCode[]): string {
  return codes.length === 0 ? 'cannot fail' : codes.map(errorLink).join(', ');
}

function scopeText(scope: string): string {
  if (scope === 'global') return 'in every context';
  return scope === 'task' ? 'in the task or handler that mapped' : 'on the CPU that mapped';
}

/** What the ledger counted, and cycles; or why there is none. */
function costOf(on: Column['on'], kind: MemoryKind): readonly [string, string] {
  const machine = createMachine(SIZES);
  const page = pageOf(machine, kind);
  const task = machine.task('driver');
  machine.enter(task);
  const backend = on(machine)(task);
  const before = modelledCycles(machine.ledger);
  const mapped = backend.map(page, 0, machine.pageSize);
  if (!mapped.ok) return ['refused', ''];
  mapped.value.store8(0, 1);
  backend.unmap(mapped.value);
  const { ledger } = machine;
  const counted = COUNTS.filter((name) => ledger[name] > 0).map(
    (name) => `${String(ledger[name])} ${words(name)}`,
  );
  return [
    counted.length === 0 ? 'nothing' : counted.join(', '),
    String(Math.round(modelledCycles(ledger) - before)),
  ];
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function pageOf(machine: ReturnType<typeof createMachine>, kind: MemoryKind): Page {
  if (kind !== 'iomem') return machine.allocPage({ zone: kind });
  const [page] = machine.ioRegion(1, { name: 'bar0' });
  if (page === undefined) throw new Error('a region has pages');
  return page;
}

/** The example in the doc comment of the backend, which a test runs. */
function exampleOf(file: string): readonly string[] {
  const [, code] =
    /^ \* @example\n \* ```ts\n([^]*?)\n \* ```$/m.exec(readFileSync(join(ROOT, file), 'utf8')) ?? [];
  if (code === undefined) throw new Error(`${file} has no example`);
  return ['## In code', '', ...fenced('ts', code.replaceAll(/^ \* ?/gm, '')), ''];
}
