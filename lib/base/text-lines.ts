/**
 * Text in columns: broken at spaces, and never in the number of a line.
 */

/** Breaks a text into lines of a width; those after the first are set in. */
export function wrapText(text: string, width: number, indent = 2): readonly string[] {
  const room = Math.max(1, width);
  const inset = ' '.repeat(indent < room / 2 ? indent : 0);
  const lines: string[] = [];
  const [margin = ''] = /^ */.exec(text) ?? [];
  let line = '';
  for (const word of text.slice(margin.length).split(' ')) {
    const start = line !== '' ? `${line} ` : lines.length > 0 ? inset : margin;
    if (start.length + word.length <= room) {
      line = start + word;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = cut(word, room - (lines.length > 0 ? inset.length : 0));
    for (const piece of pieces) lines.push((lines.length > 0 ? inset : '') + piece);
    line = lines.pop() ?? '';
  }
  return [...lines, line];
}

/** Breaks a text into lines of a width. The first begins with `first`, and the others with as many spaces. */
export function hangingLines(first: string, text: string, width: number): readonly string[] {
  const [line = '', ...rest] = wrapText(text, width - first.length, 0);
  return [first + line, ...rest.map((one) => ' '.repeat(first.length) + one)];
}

/** A word in pieces that fit. A place in a file is shortened at its front, so that the number of the line stays. */
function cut(word: string, room: number): readonly string[] {
  if (word.length <= room) return [word];
  const [number = ''] = /:\d+$/.exec(word) ?? [];
  if (number !== '' && number.length < room) return [`…${word.slice(word.length - room + 1)}`];
  const pieces: string[] = [];
  for (let at = 0; at < word.length; at += room) pieces.push(word.slice(at, at + room));
  return pieces;
}
