/**
 * Help that fits a terminal of 80 columns, however long its lines are written.
 */
import { hangingLines, wrapText } from '../base/text-lines.ts';

const WIDTH = 80;

/** `  --budget N     how long`: what stands in front of a description, and the description. */
const ROW = /^( *\S.*? {2,})(\S.*)$/;

/** A help text with each line that is too long for the width broken anew, together with the lines that go on with it. */
export function fitted(help: string, width: number = WIDTH): string {
  const blocks: Block[] = [];
  for (const line of help.split('\n')) {
    const last = blocks.at(-1);
    if (last !== undefined && continues(line, last)) last.lines.push(line);
    else blocks.push({ indent: columnOf(line), lines: [line] });
  }
  return blocks.flatMap((block) => linesOf(block, width)).join('\n');
}

/** A line, and those that go on with its last column. */
interface Block {
  readonly indent: number;
  readonly lines: string[];
}

/** Where the text of a line's last column begins. */
function columnOf(line: string): number {
  return ROW.exec(line)?.[1]?.length ?? line.length - line.trimStart().length;
}

function continues(line: string, { indent, lines: [first = ''] }: Block): boolean {
  const isText = line.trim() !== '' && first.trim() !== '' && !ROW.test(line);
  return isText && line.length - line.trimStart().length === indent;
}

function linesOf({ indent, lines }: Block, width: number): readonly string[] {
  if (lines.every((line) => line.length <= width)) return lines;
  const text = lines.map((line) => line.slice(indent)).join(' ');
  const front = lines[0]?.slice(0, indent) ?? '';
  return front.trim() === '' ? wrapText(front + text, width, indent) : hangingLines(front, text, width);
}
