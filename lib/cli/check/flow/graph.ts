/**
 * The control flow of a function: blocks with one operation each, and the ways between them.
 */
import type { Syntax } from '../parse/tree.ts';

/** What a block does. */
export type Operation =
  /** Evaluates an expression for what it does. */
  | { readonly kind: 'evaluate'; readonly node: Syntax }
  /** Calls a function that matters to mappings. Its result belongs to this node; a statement does not use it. */
  | { readonly kind: 'call'; readonly node: Syntax; readonly name: string; readonly isStatement: boolean }
  /** Goes to the first successor if the expression is true, to the second if it is not. */
  | { readonly kind: 'branch'; readonly node: Syntax }
  /** The next round of a loop by macro, which goes on (first successor) or ends (second). */
  | { readonly kind: 'round'; readonly node: Syntax; readonly macro: string }
  | { readonly kind: 'return'; readonly node: Syntax | undefined }
  | { readonly kind: 'nothing' };

/** One step of a function. */
export interface Block {
  readonly id: number;
  readonly does: Operation;
  readonly line: number;
  readonly next: Block[];
  /** How many ways lead here. */
  ways: number;
  /** The place in an order in which a block comes after those that lead to it, loops apart. */
  order: number;
}

/** The control flow of one function. */
export interface Graph {
  readonly entry: Block;
  readonly blocks: readonly Block[];
}

/** Numbers the blocks that can be reached, so that each comes after its predecessors, loops apart. */
export function ordered(entry: Block, blocks: readonly Block[]): Graph {
  const seen = new Set<Block>();
  const after: Block[] = [];
  // With a list in place of recursion, because a function may have thousands of blocks.
  const stack: { readonly block: Block; at: number }[] = [{ block: entry, at: 0 }];
  seen.add(entry);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    // The last successor first: then the first one, the way into a loop, comes before the way out of it.
    const next = top.block.next[top.block.next.length - 1 - top.at++];
    if (next === undefined) {
      after.push(top.block);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push({ block: next, at: 0 });
    }
  }
  after.reverse().forEach((block, at) => {
    block.order = at;
    for (const next of block.next) next.ways++;
  });
  return { entry, blocks: blocks.filter((block) => seen.has(block)) };
}
