/**
 * What can be changed in a section that does not compile, by what the compiler says.
 */
import { readFileSync } from 'node:fs';
import type { Pool } from '../../slice/pool.ts';
import type { Slice } from '../../slice/slice.ts';

/** Changes of a section. */
export interface Repairs {
  /** Names that conditions take as defined. */
  readonly defined: readonly string[];
  /** Functions of which only the head is taken. */
  readonly stubs: readonly string[];
  /** Macros that are left out, as if they were not found. */
  readonly absent: readonly string[];
  /** Types that are not found; they become numbers. */
  readonly types: readonly string[];
  /** Variables that are not found; they become numbers. */
  readonly variables: readonly string[];
}

/** What the compiler complained about. */
interface Complaint {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** The macros whose text it is about, the outermost first. */
  readonly macros: readonly string[];
}

/** What a section was made of. */
export interface Made {
  readonly pool: Pool;
  readonly slice: Slice;
  /** Functions that have to stay what they are. */
  readonly functions: readonly string[];
}

/** The changes with those that what the compiler told asks for; the same if it asks for none. */
export function repaired(before: Repairs, told: string, made: Made): Repairs {
  const found = {
    defined: new Set(before.defined),
    stubs: new Set(before.stubs),
    absent: new Set(before.absent),
    types: new Set(before.types),
    variables: new Set(before.variables),
  };
  for (const { file, line, text, macros } of complaintsIn(told)) {
    const options = setAroundMember(text, made.pool).filter((one) => !found.defined.has(one));
    const [, type] = /unknown type name '(\w+)'/.exec(text) ?? [];
    const [, variable] = /undeclared identifier '(\w+)'/.exec(text) ?? [];
    const macro = macros.find((one) => made.pool.ours(one) === undefined);
    const within = functionAt(file, line, made);
    if (options.length > 0) for (const option of options) found.defined.add(option);
    else if (type !== undefined) found.types.add(type);
    else if (variable?.endsWith('_t') === true) found.types.add(variable);
    else if (within !== undefined && !made.functions.includes(within)) found.stubs.add(within);
    else if (macro !== undefined) found.absent.add(macro);
    else if (variable !== undefined) found.variables.add(variable);
  }
  const after: Repairs = {
    defined: [...found.defined],
    stubs: [...found.stubs],
    absent: [...found.absent],
    types: [...found.types],
    variables: [...found.variables],
  };
  return sizeOf(after) === sizeOf(before) ? before : after;
}

function sizeOf({ defined, stubs, absent, types, variables }: Repairs): number {
  return [defined, stubs, absent, types, variables].flat().length;
}

const LINE = /^(.*?):(\d+):\d+: (error|note): (.*)$/;

function complaintsIn(told: string): readonly Complaint[] {
  const found: (Complaint & { readonly macros: string[] })[] = [];
  for (const one of told.split('\n')) {
    const [, file = '', line = '', kind, text = ''] = LINE.exec(one) ?? [];
    const [, macro] = /expanded from macro '(\w+)'/.exec(text) ?? [];
    if (kind === 'error') found.push({ file, line: Number(line), text, macros: [] });
    else if (macro !== undefined) found.at(-1)?.macros.push(macro);
  }
  return found;
}

/** The function of the slice in which a line of its file lies. */
function functionAt(file: string, line: number, { slice }: Made): string | undefined {
  for (const { found, isStub } of slice.parts) {
    const { kind, names, text, file: of, line: first } = found.declaration;
    if (kind !== 'function' || isStub || of !== file || line < first) continue;
    if (line < first + text.split('\n').length) return names[0];
  }
  return undefined;
}

/** The options under which a structure has the member that the compiler does not find. */
function setAroundMember(complaint: string, pool: Pool): readonly string[] {
  const [, member, tag] =
    /no member named '(\w+)' in '((?:struct|union) \w+)(?:::[^']*)?'/.exec(complaint) ?? [];
  if (member === undefined || tag === undefined) return [];
  const found = (pool.own(tag) ?? pool.tree(tag))?.declaration;
  if (found === undefined) return [];
  const text = readFileSync(found.file, 'latin1');
  const lines = text.split('\n');
  const end = lines.findIndex((line, at) => at >= found.line && line.startsWith('}'));
  const at = lines.findIndex(
    (line, i) => i >= found.line && i < end && new RegExp(`\\b${member}\\b`).test(line),
  );
  return at < 0 ? [] : setAround(text, [at + 1]);
}

/** The options in whose branches some lines lie. */
export function setAround(text: string, lines: readonly number[]): readonly string[] {
  const set = new Set<string>();
  const open: (readonly string[])[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const [, word = '', rest = ''] = /^[ \t]*#[ \t]*(\w+)(.*)$/.exec(line) ?? [];
    const names = rest.match(/\bCONFIG_\w+/g) ?? [];
    if (word === 'ifdef' || (word === 'if' && !rest.includes('!'))) open.push(names);
    else if (word === 'ifndef' || word === 'if') open.push([]);
    else if (word === 'elif' || word === 'else') open.push((open.pop(), []));
    else if (word === 'endif') open.pop();
    if (lines.includes(at + 1)) for (const name of open.flat()) set.add(name);
  }
  return [...set];
}
