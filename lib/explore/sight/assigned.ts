/**
 * Which names a piece of JavaScript may assign. A name that is assigned without it is never left out; a name may be
 * named although it is not assigned.
 */
import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';

const ASSIGNMENT = /^(?:=|[-+*/%&|^]=|\*\*=|<<=|>>>?=|&&=|\|\|=|\?\?=)$/;
const DECLARES = /^(?:const|let|var|using)$/;
/** Words whose parentheses are no parameters, although a block follows. */
const STATEMENT = /^(?:if|for|while|switch|with|await|return|new)$/;
const NAME = /^#?[\p{ID_Start}$_]/u;

/** The names that `source` assigns after their declaration; `undefined` if the source cannot be read. */
export function assignedNames(source: string): ReadonlySet<string> | undefined {
  const tokens = tokensOf(source);
  if (tokens === undefined) return undefined;
  const names = new Set<string>();
  const textAt = (i: number): string => tokens[i]?.text ?? '';
  const isMember = (i: number): boolean => /^\??\.$/.test(textAt(i - 1)) && !textAt(i).startsWith('#');
  const patterns = initialisers(tokens);
  for (const [i, { text, partner }] of tokens.entries()) {
    const before = textAt(i - 1);
    const after = textAt(i + 1);
    if (NAME.test(text)) {
      if (isMember(i)) continue;
      if (before === '++' || before === '--' || after === '++' || after === '--') names.add(text);
      else if (ASSIGNMENT.test(after) && !patterns.has(i) && !isFirstValue(tokens, i)) names.add(text);
      else if ((after === 'of' || after === 'in') && textAt(i - 1) === '(' && textAt(i - 2) !== '')
        names.add(text);
    } else if ((text === ']' || text === '}') && (after === '=' || after === 'of' || after === 'in')) {
      if (text === ']' && isIndexed(textAt(partner - 1))) continue;
      // A pattern that is assigned to: every name in it. As a declaration it only initialises.
      if (DECLARES.test(textAt(partner - 1)) || patterns.has(partner)) continue;
      for (let j = partner; j < i; j += 1) if (NAME.test(textAt(j)) && !isMember(j)) names.add(textAt(j));
    }
  }
  return names;
}

/** Whether brackets behind a word are an index and no pattern. */
function isIndexed(word: string): boolean {
  return /[\w$)\]]$/u.test(word) && !/^(?:return|yield|await|of|in|else|do|typeof|void)$/.test(word);
}

/** `E || (E = {})`, as compilers write the first value of an enumeration. */
function isFirstValue(tokens: readonly Token[], i: number): boolean {
  const around = [-3, -2, -1, 1, 2, 3, 4].map((at) => tokens[i + at]?.text);
  return around.join(' ') === `${tokens[i]?.text ?? ''} || ( = { } )`;
}

/** The tokens at which an `=` gives a first value: in declarations, parameters, and class fields. */
function initialisers(tokens: readonly Token[]): ReadonlySet<number> {
  const found = new Set<number>();
  const textAt = (i: number): string => tokens[i]?.text ?? '';
  for (const [i, { text, partner }] of tokens.entries()) {
    if (DECLARES.test(text)) declaration(tokens, i + 1, found);
    if (text === '(' && isParameters(tokens, i))
      for (let j = i + 1; j < partner; j += 1) addDefault(tokens, j, i, found);
    if (textAt(i + 1) === '=>' && NAME.test(text)) found.add(i);
    // `static x = 1` and `x = 1` of a class body: the statement begins behind a brace or a semicolon.
    if (text === '{' && isClassBody(tokens, i)) fields(tokens, i, found);
  }
  return found;
}

/** A default value may contain assignments of its own, so only names right inside the pattern count. */
function addDefault(tokens: readonly Token[], j: number, open: number, found: Set<number>): void {
  if (tokens[j + 1]?.text !== '=' && !'[{'.includes(tokens[j]?.text ?? ' ')) return;
  const before = tokens[j - 1]?.text ?? '';
  if (
    j - 1 === open ||
    before === ',' ||
    before === ':' ||
    before === '{' ||
    before === '[' ||
    before === '...'
  )
    found.add(j);
}

function isParameters(tokens: readonly Token[], i: number): boolean {
  const close = tokens[i]?.partner ?? -1;
  const after = tokens[close + 1]?.text;
  return after === '=>' || (after === '{' && !STATEMENT.test(tokens[i - 1]?.text ?? ''));
}

/** `const a = 1, { b = 2, c: [d = 3] } = e, f = 4`. */
function declaration(tokens: readonly Token[], from: number, found: Set<number>): void {
  let expectsName = true;
  for (let i = from; i < tokens.length; i += 1) {
    const token = tokens[i];
    if (token === undefined) return;
    if (expectsName) {
      found.add(i);
      if (token.partner > i) {
        for (let j = i + 1; j < token.partner; j += 1) addDefault(tokens, j, i, found);
        i = token.partner;
      }
      expectsName = false;
    } else if (token.text === ',') expectsName = true;
    else if (token.text === ';' || /^[)\]}]$/.test(token.text) || DECLARES.test(token.text)) return;
    else if (token.partner > i) i = token.partner;
  }
}

function isClassBody(tokens: readonly Token[], i: number): boolean {
  for (let j = i - 1; j >= 0 && i - j < 12; j -= 1) {
    const text = tokens[j]?.text ?? '';
    if (text === 'class') return true;
    if (/^[;{}]$/.test(text)) return false;
  }
  return false;
}

function fields(tokens: readonly Token[], open: number, found: Set<number>): void {
  const close = tokens[open]?.partner ?? open;
  for (let i = open + 1; i < close; i += 1) {
    const token = tokens[i];
    if (token === undefined) return;
    if (token.partner > i) i = token.partner;
    else if (NAME.test(token.text) && /^(?:[;{}]|static|accessor|readonly)$/.test(tokens[i - 1]?.text ?? ''))
      found.add(i);
  }
}

/** How a text uses a name: only certain properties of it, or (`undefined`) all of it. */
export type Mentions = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/**
 * The names that a text mentions, not counting properties behind a dot; `undefined` if it cannot be read. A property
 * that is called as a method counts as all, because the method can reach the rest.
 */
export function mentionedNames(source: string): Mentions | undefined {
  const tokens = tokensOf(source);
  if (tokens === undefined) return undefined;
  const names = new Map<string, Set<string> | undefined>();
  const textAt = (i: number): string => tokens[i]?.text ?? '';
  for (const [i, { text }] of tokens.entries()) {
    if (!NAME.test(text) || /^\??\.$/.test(textAt(i - 1))) continue;
    const property = textAt(i + 2);
    // `new a.B()` calls no method of `a`.
    const ends = textAt(i - 1) === 'new' ? '`?.[' : '(`?.[';
    const isPart = textAt(i + 1) === '.' && NAME.test(property) && !ends.includes(textAt(i + 3) || ' ');
    if (isPart && !ASSIGNMENT.test(textAt(i + 3)) && (!names.has(text) || names.get(text) !== undefined)) {
      const parts = names.get(text) ?? new Set();
      names.set(text, parts.add(property));
    } else names.set(text, undefined);
  }
  return names;
}
