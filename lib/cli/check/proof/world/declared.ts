/**
 * What a declaration of C declares: the name, and the type as far as a world for it has to know it.
 */

/** A declared variable, parameter or member. */
export interface Declared {
  readonly name: string;
  /** Without qualifiers, pointers and arrays: `unsigned int`, `struct page`. */
  readonly base: string;
  readonly stars: number;
  /** Of a member of a structure without a tag, which is a member itself: how that is reached, `mm.`. */
  readonly within?: string;
  /** The text between the brackets of an array; `undefined` for none. */
  readonly length: string | undefined;
  /** Whether it is a bit-field, which has no address. */
  readonly isBits: boolean;
  /** Of a pointer to a function: what it returns, and its parameters. */
  readonly calls: { readonly returns: string; readonly parameters: string } | undefined;
}

const QUALIFIERS =
  /\b(?:extern|static|inline|__always_inline|__inline|const|volatile|register|restrict|__restrict|__user|__iomem|__force|__rcu|__percpu|__must_check|__init|__exit|noinline|__maybe_unused|__noreturn|__pure|__attribute_const__|__cold|__weak|__sched|noinline_for_stack|__ref|__malloc|__read_mostly|asmlinkage)\b/g;

const WITH_ARGUMENTS =
  /\b__(?:attribute__|aligned|printf|scanf|counted_by|section|alloc_size|must_hold|acquires|releases|cond_acquires)\s*\((?:[^()]|\([^()]*\))*\)/g;

/** The text of a type, without what changes nothing in it. */
export function bare(text: string): string {
  return text.replaceAll(WITH_ARGUMENTS, ' ').replaceAll(QUALIFIERS, ' ').replaceAll(/\s+/g, ' ').trim();
}

/** Reads `struct page *pages[4]`; `undefined` for what it cannot read. */
export function declaredIn(text: string): Declared | undefined {
  const all = bare(text.replace(/;\s*$/, ''));
  const [, returns, pointer, parameters] = /^(.*?)\(\s*\*\s*(\w+)\s*\)\s*\((.*)\)$/.exec(all) ?? [];
  if (returns !== undefined && pointer !== undefined && parameters !== undefined)
    return {
      name: pointer,
      base: 'function',
      stars: 1,
      length: undefined,
      isBits: false,
      calls: { returns: returns.trim(), parameters },
    };
  const [, base = '', stars = '', name, length, bits] =
    /^((?:struct |union |enum )?\w+(?: \w+)*?)([ *]*?)\b(\w+)\s*(?:\[([^\]]*)\])?(?:\[[^\]]*\])*\s*(:\s*\w+)?$/.exec(
      all,
    ) ?? [];
  if (name === undefined) return undefined;
  return {
    name,
    base: base.trim(),
    stars: stars.replaceAll(' ', '').length,
    length,
    isBits: bits !== undefined,
    calls: undefined,
  };
}

/** The parts of a list of parameters, or of declarators: commas inside of brackets part nothing. */
export function partsOf(list: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const c of list) {
    if (c === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
      continue;
    }
    if ('([{'.includes(c)) depth += 1;
    else if (')]}'.includes(c)) depth -= 1;
    part += c;
  }
  return [...parts, part.trim()].filter((one) => one !== '' && one !== 'void' && one !== '...');
}

/** The head of a function: `static int fill(struct page *page)`. */
export interface Head {
  readonly name: string;
  readonly returns: string;
  /** As they are written. */
  readonly parameters: readonly string[];
}

/** Reads the head of a function. */
export function headIn(text: string): Head | undefined {
  const plain = text.replaceAll(WITH_ARGUMENTS, ' ');
  const open = plain.indexOf('(');
  const [, returns, name] = /^(.*?)\b(\w+)$/.exec(bare(plain.slice(0, open))) ?? [];
  if (open < 0 || returns === undefined || name === undefined) return undefined;
  const list = plain.slice(open + 1, plain.lastIndexOf(')')).replaceAll(/\s+/g, ' ');
  return { name, returns: returns.trim(), parameters: partsOf(list) };
}
