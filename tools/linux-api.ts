/**
 * Makes docs/linux-api.md, the table of Linux functions and the functions here that mirror them. It reads the doc comments of
 * lib/ and backends/, the inventory in linux-functions.json, and the headers for C.
 *
 *   node --import tsx tools/linux-api.ts
 *
 * A doc comment has a tag `@linux name, name (version; note) note`. Functions without a counterpart in Linux have the tag
 * `@linux none; note`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { cNames } from './c-names.ts';
import type { CNames } from './c-names.ts';
import { ROOT, entryPoints, ownExports, sourceFiles } from './public-api.ts';
import type { Exported } from './public-api.ts';

export const GROUPS = [
  'Scatterlist',
  'Highmem',
  'Page and folio helpers',
  'DMA',
  'Contexts and locks',
  'Backends',
] as const;
export type Group = (typeof GROUPS)[number];

/** A function of this library, with the texts of its doc comment. */
export interface ApiRow {
  readonly group: Group;
  readonly ours: string;
  readonly file: string;
  /** Entry points that export it. */
  readonly entries: readonly string[];
  /** The functions that `@linux` names; empty if Linux has no counterpart. */
  readonly linux: readonly string[];
  readonly version: string;
  readonly note: string;
  /** Whether it is a generator, which means that it may sleep. */
  readonly sleeps: boolean;
  readonly context: string;
  readonly errors: string;
  readonly differs: string;
  /** Where C code finds it: headers, or why it has no such function. */
  readonly c: string;
}

/** A function of Linux's API. If no function here mirrors it, `note` says why, or what to use instead. */
export interface LinuxFunction {
  readonly name: string;
  readonly group: Group;
  readonly note?: string;
}

export interface Api {
  readonly rows: readonly ApiRow[];
  readonly absent: readonly LinuxFunction[];
  /** The header for C of each function that C code can call. */
  readonly headers: CNames['headerOf'];
  /** Mistakes in the comments or in the inventory, one sentence each. */
  readonly faults: readonly string[];
}

type Tags = Readonly<Partial<Record<'linux' | 'context' | 'errors' | 'differs', string>>>;

/** Folders in which every public function must say which Linux function it mirrors. */
const MIRRORING = /^(lib\/(kernel|scatterlist|mapping)|backends)\//;

export function inventory(): readonly LinuxFunction[] {
  return JSON.parse(
    readFileSync(join(ROOT, 'tools/linux-functions.json'), 'utf8'),
  ) as readonly LinuxFunction[];
}

/** Why C code cannot call a function that is mirrored. */
function notInC(): ReadonlyMap<string, string> {
  const reasons = JSON.parse(readFileSync(join(ROOT, 'tools/not-in-c.json'), 'utf8')) as Record<
    string,
    string
  >;
  return new Map(Object.entries(reasons));
}

export function readApi(
  linux: readonly LinuxFunction[] = inventory(),
  headers: CNames['headerOf'] = cNames().headerOf,
): Api {
  const faults: string[] = [];
  const reasons = notInC();
  const rows: ApiRow[] = [];
  const entriesOf = new Map<string, string[]>();
  for (const { specifier, names } of entryPoints()) {
    for (const { file, name } of names.values()) {
      const key = `${file}:${name}`;
      entriesOf.set(key, [...(entriesOf.get(key) ?? []), specifier]);
    }
  }
  for (const file of sourceFiles()) {
    for (const exported of ownExports(file)) {
      const entries = entriesOf.get(`${file}:${exported.name}`) ?? [];
      for (const [ours, node] of documented(exported)) {
        const tags = tagsOf(node);
        const at = `${file}: ${ours}`;
        if (tags.linux === undefined) {
          if (entries.length > 0 && MIRRORING.test(file) && ts.isFunctionDeclaration(node))
            faults.push(`${at} has no @linux (the name of a function, or none)`);
          continue;
        }
        const row: ApiRow = {
          group: groupOf(file),
          ours,
          file,
          entries,
          ...parseLinux(tags.linux),
          sleeps: ts.isFunctionLike(node) && /^Sleeping\b/.test(node.type?.getText() ?? ''),
          context: tags.context ?? '',
          errors: tags.errors ?? '',
          differs: tags.differs ?? '',
          c: '',
        };
        if (row.linux.length > 0 && row.version === '') faults.push(`${at}: @linux names no version`);
        if (row.linux.length > 0 && row.context === '' && !file.startsWith('lib/base/'))
          faults.push(`${at} mirrors ${row.linux.join(', ')} and has no @context`);
        if (row.linux.length > 0 && entries.length === 0)
          faults.push(`${at} is not exported by any entry point`);
        for (const name of row.linux)
          if (!headers.has(name) && !reasons.has(name))
            faults.push(`${name}: no header for C declares it, and no reason`);
        rows.push({ ...row, c: inC(row.linux, headers, reasons) });
      }
    }
  }
  const ours = new Set(rows.flatMap((row) => row.linux));
  const known = new Set(linux.map(({ name }) => name));
  const absent = linux.filter(({ name }) => !ours.has(name));
  for (const { name, note } of absent)
    if (note === undefined) faults.push(`${name}: not ours, and no reason`);
  for (const { name, note } of linux) {
    if (note !== undefined && ours.has(name))
      faults.push(`${name}: ours, so its reason for absence is stale`);
  }
  for (const name of reasons.keys()) {
    if (headers.has(name)) faults.push(`${name}: C code has it, so its reason for absence there is stale`);
    if (!ours.has(name)) faults.push(`${name}: not ours, so it needs no reason for absence from C`);
  }
  if (known.size < linux.length) faults.push('the inventory names a function twice');
  return { rows, absent, headers, faults: [...new Set(faults)] };
}

const NO_REASONS: ReadonlyMap<string, string> = new Map();

/** The headers of functions, and the reasons where there is none; each once. */
function inC(
  names: readonly string[],
  headers: CNames['headerOf'],
  reasons: ReadonlyMap<string, string>,
): string {
  const found = names.map((name) => {
    const header = headers.get(name);
    const reason = reasons.get(name);
    return header !== undefined ? code(header) : reason === undefined ? 'no' : `no: ${reason}`;
  });
  return [...new Set(found)].join('; ');
}

/** The declaration that has the doc comment; for a class, also its methods that have one. */
function documented({ name, declarations }: Exported): readonly (readonly [string, ts.Declaration])[] {
  const functions = declarations.filter((d) => ts.isFunctionDeclaration(d));
  const [first] = functions;
  if (first !== undefined) return [[name, functions.find((d) => tagsOf(d).linux !== undefined) ?? first]];
  return declarations
    .filter((d) => ts.isClassDeclaration(d))
    .flatMap((d): (readonly [string, ts.Declaration])[] => [
      [name, d],
      ...d.members.flatMap((member): (readonly [string, ts.Declaration])[] =>
        member.name !== undefined && tagsOf(member).linux !== undefined
          ? [[`${name}.${member.name.getText()}`, member]]
          : [],
      ),
    ]);
}

function tagsOf(node: ts.Node): Tags {
  return Object.fromEntries(
    ts
      .getJSDocTags(node)
      .map((tag) => [
        tag.tagName.text,
        (ts.getTextOfJSDocComment(tag.comment) ?? '').replace(/\s+/g, ' ').trim(),
      ]),
  );
}

function parseLinux(text: string): Pick<ApiRow, 'linux' | 'version' | 'note'> {
  const none = /^none\b[;, ]*(.*)$/.exec(text);
  if (none) return { linux: [], version: '', note: none[1] ?? '' };
  const [, head = text, paren = '', tail = ''] = /^([^(]*)\(([^)]*)\)[;.,]?\s*(.*)$/.exec(text) ?? [];
  const named = head.split(/[,:]\s*/).map((piece) => piece.trim().replace(/^struct /, ''));
  const [version = '', ...more] = paren.split(/;\s*/);
  const extra = named.filter((piece) => piece.includes(' '));
  return {
    linux: named.map((piece) => piece.replace(/ .*/, '')).filter((piece) => piece !== ''),
    version,
    note: [...extra, ...more, tail]
      .filter((part) => part !== '')
      .join('; ')
      .replace(/\.$/, ''),
  };
}

function groupOf(file: string): Group {
  if (file.startsWith('backends/')) return 'Backends';
  const name = file.replace(/.*\//, '');
  if (/dma|bounce|swiotlb|iommu/.test(name)) return 'DMA';
  if (/^lib\/(scatterlist|mapping)\//.test(file)) return 'Scatterlist';
  if (file.startsWith('lib/explore/') || /^(preempt|run-alone|wait|lock|irq|spin|mutex|in-)/.test(name))
    return 'Contexts and locks';
  if (/^(page-copy|highpage|zero-user|bvec|skb-frag|flush-dcache|folio)/.test(name))
    return 'Page and folio helpers';
  return 'Highmem';
}

export function linuxApiDocument({ rows, absent, headers }: Api): string {
  const mirroring = rows.filter((row) => row.linux.length > 0);
  const names = new Set(mirroring.flatMap((row) => row.linux));
  const alone = rows.filter((row) => row.linux.length === 0 && row.entries.length > 0);
  const out = [
    '# Linux functions, and ours',
    '',
    'This page lists the Linux functions that this library mirrors. `npm run docs` makes it from the doc comments, and a',
    'test fails if it is out of date.',
    '',
    'The column *status* has one of three words. *Same* means that the function behaves as in Linux. *Differs* means that it',
    'behaves as in Linux except for what the last column says; quirks of Linux that only strict machines refuse or repair are',
    'listed in [quirks.md](quirks.md) instead. *Proposed* means that the function mirrors a series that was never merged.',
    'Compatible machines reproduce the recordings in test/vectors. A function that may sleep is a generator. A name such as',
    '`Class.method` is a method; the entry point then exports the class.',
    '',
    'The column *in C* is for [C code](c.md): the header that declares the function, or why C code has no such function.',
    '',
    `${String(names.size)} functions of Linux are mirrored. ${String(absent.length)} are not; they are listed with the reason.`,
    '',
  ];
  for (const group of GROUPS) {
    out.push(`## ${group}`, '');
    out.push(
      ...table(
        [
          'Linux',
          'ours',
          'exported by',
          'file',
          'mirrors',
          'context',
          'call with',
          'in C',
          'errors',
          'status',
          'notes and deliberate differences',
        ],
        mirroring
          .filter((row) => row.group === group)
          .map((row) => [
            row.linux.map(code).join(', '),
            code(row.ours),
            row.entries.map(code).join(', '),
            row.file,
            row.version,
            row.context,
            row.sleeps ? '`yield*`' : '',
            row.c,
            row.errors,
            statusOf(row),
            [row.note, row.differs].filter((part) => part !== '').join('. '),
          ])
          .sort(byFirst),
      ),
    );
    const missing = absent.filter((one) => one.group === group);
    if (missing.length > 0) {
      out.push('These functions are not mirrored:', '');
      out.push(
        ...table(
          ['Linux', 'why, and what to use instead', 'in C'],
          missing.map((one) => [code(one.name), one.note ?? '', inC([one.name], headers, NO_REASONS)]),
        ),
      );
    }
  }
  out.push('## Functions without a counterpart in Linux', '');
  out.push(
    ...table(
      ['function', 'exported by', 'nearest in Linux'],
      alone.map((row) => [code(row.ours), row.entries.map(code).join(', '), row.note]).sort(byFirst),
    ),
  );
  return `${out.join('\n').trimEnd()}\n`;
}

function statusOf(row: ApiRow): string {
  if (!/^\d/.test(row.version)) return 'proposed';
  return row.differs === '' ? 'same' : 'differs';
}

function code(text: string): string {
  return `\`${text}\``;
}

function byFirst(a: readonly string[], b: readonly string[]): number {
  return a.join() < b.join() ? -1 : 1;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''];
}

if (process.argv[1] === import.meta.filename) {
  const api = readApi();
  for (const fault of api.faults) console.error(fault);
  if (api.faults.length > 0) process.exitCode = 1;
  writeFileSync(join(ROOT, 'docs/linux-api.md'), linuxApiDocument(api));
}
