/**
 * Writes a slice as a C file.
 */
import { basename } from 'node:path';
import type { Part, Slice } from './slice.ts';

/** What the file is made of, for its head. */
export interface Origin {
  readonly file: string;
  readonly functions: readonly string[];
  /** Functions that the user defines. */
  readonly declared: readonly string[];
  /** Names that conditions took as defined. */
  readonly defined: readonly string[];
  /** The name of the slice, for the lines of what the user adds. */
  readonly output: string;
  /** Declarations that come first. */
  readonly more?: readonly string[];
  /** What functions return that were not found, and which function does it; without one they are macros that are 0. */
  readonly results?: ReadonlyMap<string, { readonly type: string; readonly by: string }>;
}

/** The slice as C. */
export function render(
  slice: Slice,
  { file, functions, declared, defined, output, results, more = [] }: Origin,
): string {
  const headers = [...new Set([...slice.headers, 'linux/highmem.h', 'linux/scatterlist-explore.h'])].sort();
  const lines = [
    '/*',
    ` * A slice of ${basename(file)}: ${functions.join(', ')}.`,
    ' * Declare at the end who calls it: SETUP(name) { ... } and SECTION(task, name) { ... }.',
    ...notes(slice).map((line) => (line === '' ? ' *' : ` * ${line}`)),
    ' */',
    ...defined.map((name) => `#define ${name} 1`),
    ...headers.map((header) => `#include <${header}>`),
    '',
    ...slice.unknownTags.map((tag) => (isWhole(tag, slice) ? `${tag} { char not_found[16]; };` : `${tag};`)),
    ...more,
    ...slice.unknownConstants.map((name, i) => constantText(name, i)),
    ...forward(slice),
    ...slice.unknownCalls.flatMap((name) => {
      const result = results?.get(name);
      if (result !== undefined)
        return [`${result.type} ${result.by}(void);`, `#define ${name}(arguments...) ${result.by}()`];
      return declared.includes(name)
        ? `int ${name}();`
        : `#define ${name}(arguments...) 0 /* not found; a stub */`;
    }),
  ];
  const isFunction = ({ found }: Part): boolean => /function|prototype/.test(found.declaration.kind);
  const types = slice.parts.filter(({ found }) => /^(?:type|macro)$/.test(found.declaration.kind));
  const rest = slice.parts.filter((part) => !types.includes(part));
  // Variables and functions name functions that come later.
  const heads = slice.parts.filter(isFunction).map((part) => `${headText(part, declared)};`);
  let text = `${lines.join('\n')}\n`;
  for (const part of types) text += `\n${partText(part)}\n`;
  text += `\n${heads.join('\n')}\n`;
  for (const part of rest) if (!isDeclared(part, declared)) text += `\n${partText(part)}\n`;
  return `${text}\n#line ${String(text.split('\n').length + 1)} "${output}"\n`;
}

/** Whether a structure that was not found is part of another one, so that it needs a size. */
function isWhole(tag: string, { parts }: Slice): boolean {
  const member = new RegExp(String.raw`\b${tag}\s+\w+\s*[;,[]`);
  return parts.some(({ found, text }) => found.declaration.kind === 'type' && member.test(text));
}

function constantText(name: string, i: number): string {
  // The build gives it to the compiler.
  const value = name === 'KBUILD_MODNAME' ? '"module"' : String(i + 1);
  return `#define ${name} ${value} /* not found; a guess */`;
}

/** What is a stub, and what was not found, for the head of the file and for the user. */
export function notes(slice: Slice): readonly string[] {
  return [
    ...listed('Stubs for functions of the same file; name them with --function to have them', slice.ownStubs),
    ...listed('Stubs for functions of other files', slice.foreignStubs),
    ...listed('Functions that were not found; they are macros that are 0', slice.unknownCalls),
    ...listed('Constants that were not found; their values are guesses', slice.unknownConstants),
    ...listed('Types that were not found', slice.unknownTags),
  ];
}

const NAMES_PER_LINE = 5;

function listed(title: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const lines: string[] = [];
  for (let i = 0; i < names.length; i += NAMES_PER_LINE)
    lines.push(`  ${names.slice(i, i + NAMES_PER_LINE).join(', ')}`);
  return ['', `${title}:`, ...lines];
}

/** Tags before their first use in a list of parameters. */
function forward({ parts }: Slice): readonly string[] {
  const tags = parts.flatMap(({ found }) =>
    found.declaration.names.filter((name) => /^(?:struct|union) /.test(name)),
  );
  return [...new Set(tags)].map((tag) => `${tag};`);
}

function partText(part: Part): string {
  const { found, text, isStub } = part;
  const { kind, file, line, isStatic } = found.declaration;
  const plain = text.replaceAll(/[ \t]+$/gm, '');
  if (isStub) return stubText(part);
  if (kind === 'function') return `#line ${String(line)} "${file}"\n${plain}`;
  if (kind === 'variable')
    return `${plain.replace(/^extern\s+/, '')}${plain.endsWith(';') || isStatic ? '' : ';'}`;
  return plain.replaceAll(/\n\s*\n+/g, '\n');
}

/** Whether the user defines it at the end of the file. */
function isDeclared({ found, isStub }: Part, declared: readonly string[]): boolean {
  return isStub && found.declaration.names.some((name) => declared.includes(name));
}

/** The head of a function in one line. */
function headText(part: Part, declared: readonly string[] = []): string {
  const { isStub, found } = part;
  const head = found.declaration.head.replaceAll(/\s+/g, ' ').trim();
  if (!isStub) return head;
  const bare = head.replaceAll(
    /\b(?:extern|static|inline|__always_inline|__must_check|__init|__exit)\b\s*/g,
    '',
  );
  return isDeclared(part, declared) ? bare : `static ${bare}`;
}

/** A function that does nothing, and returns 0. */
function stubText(part: Part): string {
  const head = headText(part);
  const [name = ''] = part.found.declaration.names;
  const type = head.slice('static '.length, head.search(new RegExp(`\\b${name}\\s*\\(`))).trim();
  const isVoid = type.endsWith('void');
  const isStruct = /^(?:const )?(?:struct|union) \w+$/.test(type);
  const body = isVoid ? '' : isStruct ? ` return (${type}){ 0 };` : ' return 0;';
  return `${head} {${body} } /* stub */`;
}
