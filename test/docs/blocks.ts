/**
 * Finds the code blocks of a markdown text, runs them and says what its output blocks should hold.
 *
 * A `ts` block is a module of its own. A `text` block right behind it is what it prints. With
 * UPDATE_DOCS=1 the file is rewritten with what was printed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  readonly line: number;
  readonly code: string;
  /** Where the output's lines are in the text, if an output block follows. */
  readonly output: { readonly from: number; readonly to: number; readonly text: string } | undefined;
}

export function findBlocks(markdown: string): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    if (lines[i] !== '```ts') continue;
    const end = lines.indexOf('```', i + 1);
    const code = lines.slice(i + 1, end).join('\n');
    let next = end + 1;
    while (lines[next] === '') next += 1;
    let output: Block['output'];
    if (lines[next] === '```text') {
      const to = lines.indexOf('```', next + 1);
      output = { from: next + 1, to, text: lines.slice(next + 1, to).join('\n') };
    }
    blocks.push({ line: i + 1, code, output });
    i = end;
  }
  return blocks;
}

/** Runs a block in a process of its own, below the project so that it finds the package by name. */
export function runBlock(code: string, name: string): string {
  const folder = mkdtempSync(join(import.meta.dirname, 'run-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, code);
    return execFileSync(process.execPath, ['--conditions=source', '--import', 'tsx', file], {
      encoding: 'utf8',
    }).trimEnd();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function withOutputs(markdown: string, outputs: readonly (readonly [Block, string])[]): string {
  const lines = markdown.split('\n');
  for (const [block, text] of [...outputs].reverse()) {
    if (block.output !== undefined)
      lines.splice(block.output.from, block.output.to - block.output.from, ...text.split('\n'));
  }
  return lines.join('\n');
}
