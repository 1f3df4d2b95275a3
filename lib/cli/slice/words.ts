/**
 * The names in a text of C: what it uses, which members it reaches, what it calls.
 */

/** The names of a text. */
export interface Words {
  /** Names of variables, types, functions and macros, with tags as `struct page`. */
  readonly names: ReadonlySet<string>;
  /** Those of them that are called. */
  readonly called: ReadonlySet<string>;
  /** Names behind `.` and `->`, and those of offsetof and the like. */
  readonly members: ReadonlySet<string>;
  /** Beginnings of names that a macro puts together: `DEBUG_ ## name`. */
  readonly prefixes: ReadonlySet<string>;
}

const KEYWORDS = new Set(
  'auto break case char const continue default do double else enum extern float for goto if inline int long register return short signed sizeof static struct switch typedef union unsigned void volatile while typeof __typeof__ asm __asm__ __volatile__ __asm __volatile __attribute__ _Static_assert define ifdef ifndef endif elif defined include undef'.split(
    ' ',
  ),
);
const TOKEN =
  /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|(->|(?<!\.)\.(?!\.))?\s*\b([A-Za-z_]\w*)(\s*\()?/g;
/** Macros that are given the name of a member. */
const BY_MEMBER =
  /\b(?:container_of|offsetof\w*|sizeof_field|struct_size|\w*_entry\w*|from_\w+)\s*\(([^;{}]*)/g;

/** Reads a text. */
export function wordsOf(text: string): Words {
  const names = new Set<string>();
  const called = new Set<string>();
  const members = new Set<string>();
  let tag = '';
  let end = 0;
  for (const { 0: whole, 1: dot, 2: word, 3: call, index } of text.matchAll(TOKEN)) {
    // Behind `struct {` comes no tag.
    if (/\S/.test(text.slice(end, index))) tag = '';
    end = index + whole.length;
    if (word === undefined) continue;
    if (dot !== undefined) members.add(word);
    else if (tag !== '') names.add(`${tag} ${word}`);
    else if (!KEYWORDS.has(word)) {
      names.add(word);
      if (call !== undefined) called.add(word);
    }
    tag = /^(?:struct|union|enum)$/.test(word) ? word : '';
  }
  for (const [, inside = ''] of text.matchAll(BY_MEMBER))
    for (const [word] of inside.matchAll(/\w+/g)) members.add(word);
  const prefixes = new Set([...text.matchAll(/\b([A-Za-z]\w{2,})\s*##/g)].map(([, prefix = '']) => prefix));
  return { names, called, members, prefixes };
}
