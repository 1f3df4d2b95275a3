/**
 * Text from a program, made fit to be shown: a name must not move the cursor of a terminal, nor end a shell's word.
 */

/** Control characters, and those that change the direction of the text around them. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escapeOne(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\n') return '\\n';
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** One line of text with control characters shown as escapes: `\n`, `\x1b`. */
export function oneLine(text: string): string {
  return text.replaceAll(CONTROL, escapeOne);
}

/**
 * Text of several lines with control characters shown as escapes, so that a name from a program cannot move the cursor
 * of a terminal. Line ends stay.
 */
export function printable(text: string): string {
  return text.split('\n').map(oneLine).join('\n');
}

/** One word for a POSIX shell. A word with control characters needs `$'…'`, which newer shells have. */
export function shellWord(text: string): string {
  const word = text.startsWith('-') ? `./${text}` : text;
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  const shown = oneLine(word);
  if (shown === word) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${oneLine(word.replaceAll('\\', '\\\\').replaceAll("'", `\\'`))}'`;
}
