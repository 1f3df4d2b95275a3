/**
 * What the text of functions and scripts says: which names they mention, assign and import.
 */
import { assignedNames, mentionedNames } from './assigned.ts';
import type { Mentions } from './assigned.ts';
import type { Script } from './scopes.ts';
import { tokensOf } from './tokens.ts';

const assignedOf = new WeakMap<Script, ReadonlySet<string> | undefined>();

/** The names that a script assigns; it is read once. */
export function assignedIn(script: Script): ReadonlySet<string> | undefined {
  if (!assignedOf.has(script)) assignedOf.set(script, assignedNames(script.source));
  return assignedOf.get(script);
}

/** Words with which code inside of code begins. */
const MAKES_CODE = /^(?:=>|function|class)$/;
const mentioned = new WeakMap<object, Mentions | undefined>();

/** What a function mentions; its text is read once. */
export function mentionsOf(fn: object): Mentions | undefined {
  if (!mentioned.has(fn)) mentioned.set(fn, mentionedNames(Function.prototype.toString.call(fn)));
  return mentioned.get(fn);
}

/** The name of the file of a script. */
export function fileOf(url: string): string {
  return url.replace(/^.*\//, '');
}

/** The name under which another module exports what `name` is here: `*` if that cannot be told. */
export function importedName(source: string, name: string): string | undefined {
  for (const [, list = ''] of source.matchAll(/\bimport\b\s*([^'"`;]*?)\s*\bfrom\b/g)) {
    const words = new Map(
      [...list.matchAll(/([\w$]+)(?:\s+as\s+([\w$]+))?/g)].map(([, from, to]) => [to ?? from, from]),
    );
    const exported = words.get(name);
    if (exported !== undefined) return exported;
  }
  return undefined;
}

/**
 * A class's text without its constructors, in which its fields get their first values. A constructor that makes functions
 * stays, because they can assign fields later.
 */
export function withoutConstructors(source: string): string {
  const tokens = tokensOf(source) ?? [];
  let text = source;
  for (const [i, { text: word, at }] of tokens.entries()) {
    const body = tokens[(tokens[i + 1]?.partner ?? -1) + 1];
    if (word !== 'constructor' || tokens[i + 1]?.text !== '(' || body?.text !== '{') continue;
    const inside = tokens.slice(tokens.indexOf(body) + 1, body.partner);
    if (
      inside.some(
        ({ text: part }, j) => MAKES_CODE.test(part) || (part === ')' && inside[j + 1]?.text === '{'),
      )
    )
      continue;
    const end = (tokens[body.partner]?.at ?? at) + 1;
    text = text.slice(0, at) + ' '.repeat(end - at) + text.slice(end);
  }
  return text;
}
