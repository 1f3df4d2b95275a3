/**
 * The section of a finding: its function, sliced out of the file with what it uses, and a world around it.
 */
import { basename } from 'node:path';
import type { Pool } from '../../slice/pool.ts';
import { render } from '../../slice/render.ts';
import { sliceOf } from '../../slice/slice.ts';
import type { Part, Slice } from '../../slice/slice.ts';
import { SLEEPS } from '../contracts/effects.ts';
import type { Finding } from '../judge.ts';
import { askedOn } from './world/asked.ts';
import { withoutAssembly } from './assembly.ts';
import { failingMaps } from './world/contract-stubs.ts';
import { bare, declaredIn, headIn, partsOf } from './world/declared.ts';
import type { Declared } from './world/declared.ts';
import type { Made, Repairs } from './repair.ts';
import { valuesIn } from './world/values.ts';
import { worldFor } from './world/world.ts';

/** What to make a section of. */
export interface Wanted {
  readonly pool: Pool;
  readonly file: string;
  readonly finding: Finding;
  /** Finds the names of functions that map or unmap. */
  readonly maps: RegExp;
  readonly repairs: Repairs;
  /** The name of the section's file. */
  readonly output: string;
}

/** The text of the section and what it was made of, or why there is none. */
export function sectionOf(wanted: Wanted): (Made & { readonly text: string }) | { readonly why: string } {
  const { pool, file, finding, maps, output, repairs } = wanted;
  const { defined, absent } = repairs;
  const found = pool.own(finding.function);
  if (found?.declaration.kind !== 'function')
    return { why: `the function is not found where ${defined.join(' and ')} are set` };
  const functions = functionsOf(wanted);
  const common = { functions, withCallees: false, absent, matters: maps };
  const first = sliceOf(pool, { ...common, declared: repairs.stubs });
  const declared = [...first.ownStubs, ...first.foreignStubs];
  const slice = withoutAssemblyIn(sliceOf(pool, { ...common, declared }));
  const head = headIn(found.declaration.head);
  if (head === undefined) return { why: `the head of ${finding.function} cannot be read` };
  const text = slice.parts
    .filter(({ found: { declaration }, isStub }) => declaration.kind === 'function' && !isStub)
    .map((part) => part.text)
    .join('\n');
  const unknown = new Map(slice.unknownCalls.map((name) => [name, resultIn(text, name)]));
  const results = new Map(
    [...unknown].map(([name, type]) => [name, { type, by: `explored_result_${name}` }] as const),
  );
  const kinds = new Kinds(pool, slice);
  const world = worldFor({
    head,
    text,
    values: knownValues(valuesIn(text), pool, slice),
    asked: askedOn(finding.path, found.declaration, text),
    membersOf: (tag) => kinds.membersOf(tag),
    plain: (one) => kinds.plain(one),
    isNumber: (type) => kinds.isNumber(type),
    stubs: slice.parts
      .flatMap((part) => (part.isStub ? [part.found.declaration.head] : []))
      .map(withoutWords),
    unknown,
    movesPointers: finding.rule === 'unmap-address',
    variables: slice.parts.flatMap(variableOf),
    parameters: repairs.variables.map((name) => ({ ...NUMBER, name })),
  });
  const shown = basename(file);
  const more = [
    ...repairs.types.map((name) => `typedef int ${name};`),
    ...repairs.variables.map((name) => `static int ${name};`),
    ...failingMaps(text, finding.rule).filter((macro) => pool.ours(/^#define (\w+)/.exec(macro)?.[1] ?? '')),
  ];
  return {
    pool,
    slice,
    functions,
    text:
      render(slice, { file, functions, declared, defined, output, results, more }) +
      world.replace(/^/, `/* ${shown} */\n`),
  };
}

const NUMBER = { base: 'int', stars: 0, length: undefined, isBits: false, calls: undefined };

function withoutAssemblyIn(slice: Slice): Slice {
  return { ...slice, parts: slice.parts.map((part) => ({ ...part, text: withoutAssembly(part.text) })) };
}

/** The function, and those of the file that it calls and that map or unmap, or call one that does. */
function functionsOf({ pool, finding, maps }: Wanted): readonly string[] {
  const name = finding.function;
  const matters = /atomic/.test(finding.rule)
    ? new RegExp(`${maps.source}|\\b(?:${[...SLEEPS].join('|')})\\s*\\(`)
    : maps;
  const reaching = new Map<string, boolean>();
  const textOf = (one: string): string | undefined => {
    const declaration = pool.own(one)?.declaration;
    return declaration?.kind === 'function' ? declaration.text : undefined;
  };
  const calledIn = (text: string): readonly string[] => [
    ...new Set([...text.matchAll(/\b(\w+)\s*\(/g)].map(([, called = '']) => called)),
  ];
  const reaches = (one: string): boolean => {
    const known = reaching.get(one);
    if (known !== undefined) return known;
    const text = textOf(one);
    reaching.set(one, false);
    const does =
      text !== undefined && (matters.test(text) || calledIn(text.slice(text.indexOf('{'))).some(reaches));
    reaching.set(one, does);
    return does;
  };
  const taken = new Set([name]);
  for (const one of taken)
    for (const called of calledIn(textOf(one) ?? ''))
      if (called !== name && reaches(called)) taken.add(called);
  return [...taken];
}

/** What a function seems to return of which nothing is known: the type of what takes its result. */
function resultIn(text: string, name: string): string {
  const [, to] = new RegExp(`\\b(\\w+)\\s*=\\s*${name}\\s*\\(`).exec(text) ?? [];
  if (to !== undefined) {
    const [, base, stars = ''] =
      new RegExp(`\\b((?:struct |unsigned )?\\w+)\\s+(?:[^;(){}]*,\\s*)?(\\**)\\s*${to}\\s*[=;,)\\[]`).exec(
        text,
      ) ?? [];
    if (base !== undefined && stars !== '') return `${base} ${stars}`;
  }
  return new RegExp(`\\bIS_ERR(?:_OR_NULL)?\\s*\\(\\s*${name}\\s*\\(`).test(text) ? 'void *' : 'int';
}

/** Without names that would not compile. */
function knownValues(values: ReturnType<typeof valuesIn>, pool: Pool, slice: Slice): typeof values {
  const isKnown = (value: string): boolean =>
    (value.match(/\b[A-Za-z_]\w*\b/g) ?? []).every(
      (name) =>
        /^(?:ULL|UL|U|x[\da-f]+)$/i.test(name) ||
        pool.own(name) !== undefined ||
        pool.tree(name) !== undefined ||
        pool.ours(name) !== undefined ||
        slice.unknownConstants.includes(name),
    );
  return new Map([...values].map(([name, all]) => [name, all.filter(isKnown)]));
}

function withoutWords(head: string): string {
  return head
    .replaceAll(/\b(?:extern|static|inline|__always_inline|__must_check|__init|__exit)\b\s*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** A variable that has no value of its own. */
function variableOf({ found: { declaration } }: Part): readonly Declared[] {
  if (declaration.kind !== 'variable' || /[={(]/.test(declaration.text)) return [];
  const found = declaredIn(declaration.text);
  return found === undefined ? [] : [found];
}

const WORDS_OF_NUMBERS = /^(?:(?:unsigned|signed|long|short|int|char|bool|_Bool)\s*)+$/;
/** Types that headers of the package define as numbers. */
const NUMBERS =
  /^(?:(?:__)?(?:[us]|le|be)(?:8|16|32|64)|u?int(?:8|16|32|64|ptr)_t|s?size_t|loff_t|off_t|sector_t|gfp_t|dma_addr_t|phys_addr_t|resource_size_t|pgoff_t|fmode_t|uint|ulong|u_char|u_int|irqreturn_t|blk_status_t|blk_opf_t|vm_fault_t|umode_t|dev_t|time64_t|pid_t)$/;

/** What the types of a slice are. */
class Kinds {
  private readonly pool: Pool;
  readonly #texts = new Map<string, string>();

  constructor(pool: Pool, slice: Slice) {
    this.pool = pool;
    for (const { found, text } of slice.parts)
      if (found.declaration.kind === 'type')
        for (const name of found.declaration.names) this.#texts.set(name, text);
  }

  /** The members of a structure of the slice. */
  membersOf(tag: string): readonly Declared[] | undefined {
    const text = this.#texts.get(tag);
    const open = text?.indexOf('{') ?? -1;
    if (text === undefined || open < 0 || !/^(?:typedef )?\s*(?:struct|union)\b/.test(text)) return undefined;
    return membersIn(text.slice(open + 1, text.lastIndexOf('}')), tag.startsWith('union '));
  }

  /** A declaration with the type that its typedef stands for: `z_streamp stream` is `struct z_stream_s *stream`. */
  plain(found: Declared): Declared {
    const text = this.#texts.get(found.base);
    if (found.calls !== undefined || text === undefined || !text.startsWith('typedef')) return found;
    if (text.includes('{')) return found;
    const [, base, stars = ''] =
      /^typedef\s+((?:struct |union |enum )?\w+)\s*(?:FAR\s*)?(\**)\s*\w+\s*;?$/.exec(bare(text)) ?? [];
    if (base === undefined || base === found.base) return found;
    return this.plain({ ...found, base, stars: found.stars + stars.length });
  }

  /** Whether a type is a number. */
  isNumber(type: string): boolean {
    if (/^enum /.test(type) || WORDS_OF_NUMBERS.test(type) || NUMBERS.test(type)) return true;
    const text =
      this.#texts.get(type) ??
      this.pool.own(type)?.declaration.text ??
      this.pool.tree(type)?.declaration.text;
    const [, base, stars = ''] = /^typedef\s+(.*?)\s*(\**)\s*\b\w+\s*;?$/s.exec(text ?? '') ?? [];
    return base !== undefined && base !== type && stars === '' && this.isNumber(base);
  }
}

/** The members in a body; of a union the first, because they lie in one place. Those of unnamed bodies count as theirs. */
function membersIn(body: string, isUnion: boolean): readonly Declared[] {
  let base = '';
  const plain = body.replaceAll(/^[ \t]*#.*$/gm, '').replaceAll(';', ',');
  const members = partsOf(plain).flatMap((part): readonly Declared[] => {
    const [, kind, inner] = /^(struct|union)\s*\w*\s*\{([\s\S]*)\}\s*(?:__\w+)?$/.exec(part) ?? [];
    if (inner !== undefined) return membersIn(inner, kind === 'union');
    const [, named, whole, name = ''] = /^(struct|union)\s*\w*\s*\{([\s\S]*)\}\s*(\w+)$/.exec(part) ?? [];
    if (whole !== undefined)
      return membersIn(whole, named === 'union').map((one) => ({
        ...one,
        within: `${name}.${one.within ?? ''}`,
      }));
    if (part.includes('{')) return [];
    // `int first, *second;`
    const found = declaredIn(/^\**\s*\w+\s*(?:\[.*\])?$/.test(part) ? `${base} ${part}` : part);
    base = found?.base ?? '';
    return found === undefined ? [] : [found];
  });
  return isUnion ? members.slice(0, 1) : members;
}
