/**
 * Texts in shared memory, as UTF-16: there is no encoder in every host that the library runs in.
 */

/** Writes a text, or as much of it as there is room for. Returns how many units it takes. */
export function writeText(units: Uint16Array, at: number, text: string): number {
  const length = Math.min(text.length, units.length - at);
  for (let i = 0; i < length; i += 1) units[at + i] = text.charCodeAt(i);
  return length;
}

/** Reads a text of so many units. */
export function readText(units: Uint16Array, at: number, length: number): string {
  let text = '';
  for (let i = at; i < at + length; i += 1) text += String.fromCharCode(units[i] ?? 0);
  return text;
}
