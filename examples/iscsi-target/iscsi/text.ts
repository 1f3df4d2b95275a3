/** The text of login and text PDUs: `key=value` pairs, each ended by a zero byte. */

/** Reads pairs; returns undefined if the text does not have that form. */
export function decodeText(bytes: Uint8Array): Map<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (const item of Buffer.from(bytes).toString('utf8').split('\0')) {
    if (item === '') continue;
    const equals = item.indexOf('=');
    if (equals <= 0 || equals > 63 || pairs.has(item.slice(0, equals))) return undefined;
    pairs.set(item.slice(0, equals), item.slice(equals + 1));
  }
  return pairs;
}

/** Writes pairs; a key may come more than once. */
export function encodeText(pairs: Iterable<readonly [key: string, value: string]>): Uint8Array {
  let text = '';
  for (const [key, value] of pairs) text += `${key}=${value}\0`;
  return Buffer.from(text, 'utf8');
}

/** A text that is sent in segments that the other end accepts. */
export class TextParts {
  readonly #text: Uint8Array;
  readonly #segmentBytes: number;
  #sent = 0;

  constructor(text: Uint8Array, segmentBytes: number) {
    this.#text = text;
    this.#segmentBytes = segmentBytes;
  }

  /** Whether all of it was sent. */
  get done(): boolean {
    return this.#sent >= this.#text.length;
  }

  next(): Uint8Array {
    const part = this.#text.subarray(this.#sent, this.#sent + this.#segmentBytes);
    this.#sent += part.length;
    return part;
  }
}
