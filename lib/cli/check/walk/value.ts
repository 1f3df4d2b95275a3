/**
 * Values of the walk. A value is a text: two values are the same if their texts are. `#4` is a number, `-E:ENOMEM` an
 * error number, `%page` what a parameter held at the start, `‹7›` something unknown that came into being in block 7,
 * `@9` the address of the mapping that block 9 made, `&(x)` an address of a variable; all others are expressions of
 * these, `%sg->page_link`.
 */

/** A value. */
export type Value = string;

/** A number as a value. */
export function numberValue(value: number): Value {
  return `#${String(value)}`;
}

/** The number that a value is, if it is one. */
export function numberOf(value: Value): number | undefined {
  return value.startsWith('#') ? Number(value.slice(1)) : undefined;
}

/** An unknown value that a place makes. */
export function unknown(place: string): Value {
  return `‹${place}›`;
}

/** How an address lies to the start of its mapping. */
export type Offset =
  /** It is what the map returned. */
  | 'start'
  /** It was computed as that plus something, so that it stays in the page. */
  | 'inside'
  /** It was moved on step by step, so that it may stand at the end of the page. */
  | 'moved'
  /** A function that was given the address returned it: it may lie in the mapping. */
  | 'derived';

const MARKS: Readonly<Record<Offset, string>> = { start: '', inside: '+', moved: '~', derived: '?' };
const OFFSETS: ReadonlyMap<string, Offset> = new Map([
  ['+', 'inside'],
  ['~', 'moved'],
  ['?', 'derived'],
]);

/** The mapping that an address belongs to. */
export interface MappedAddress {
  readonly token: string;
  readonly offset: Offset;
}

/** The mapping that a value is an address of. */
export function mappedOf(value: Value): MappedAddress | undefined {
  if (!value.startsWith('@')) return undefined;
  const [, token, mark] = /^@([\d.]+)([+~?]?)$/.exec(value) ?? [];
  if (token === undefined) return undefined;
  return { token, offset: OFFSETS.get(mark ?? '') ?? 'start' };
}

/** Whether a value is an address of a mapping. What is read through one is not. */
export function isMapped(value: Value): boolean {
  return mappedOf(value) !== undefined;
}

/** An address in a mapping. */
export function mappedValue(token: string, offset: Offset): Value {
  return `@${token}${MARKS[offset]}`;
}

/** The variable that a value is the address of. */
export function pointee(value: Value): string | undefined {
  return value.startsWith('&(') && value.endsWith(')') ? value.slice(2, -1) : undefined;
}

const LONGEST = 300;

/** An expression as a value. One that is too long becomes a name for it, the same for the same text. */
export function expression(text: string): Value {
  if (text.length <= LONGEST) return text;
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return `‹x${String(hash >>> 0)}›`;
}

/** A value without what tells the elements of an array and the rounds of a loop apart. */
export function family(value: Value): string {
  return (
    value
      .replaceAll(/\[[^\][]*\]/g, '[]')
      // An index that has one of its own.
      .replaceAll(/\[(?:[^\][]|\[\])*\]/g, '[]')
      .replaceAll(/['*]+›/g, '›')
  );
}

/** A value as a reader of the C file would write it, as far as it can be told. */
export function readable(value: Value): string {
  return value
    .replaceAll('%', '')
    .replaceAll(/‹φ\d+\.([^›']+)'*\*?›/g, '$1')
    .replaceAll(/‹[^›]*›/g, '…');
}
