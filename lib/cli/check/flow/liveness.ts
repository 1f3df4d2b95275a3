/**
 * Which variables can still be read after a point of a function. States are told apart by fewer of them.
 */
import { part } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Block, Graph } from './graph.ts';

/** The names that can be read at the start of a block or later. */
export type Liveness = ReadonlyMap<Block, ReadonlySet<string>>;

/** Finds the live names at each block where ways meet. */
export function livenessOf({ blocks }: Graph): Liveness {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, names.length);
    return names.push(name) - 1;
  };
  const used = new Map<Block, { readonly reads: Set<number>; readonly writes: Set<number> }>();
  for (const block of blocks) used.set(block, usesOf(block, numberOf));
  const words = Math.ceil(names.length / 32);
  const live = new Map<Block, Uint32Array>();
  for (const block of blocks) live.set(block, new Uint32Array(words));
  // From the end to the start, until nothing changes.
  const backwards = [...blocks].sort((a, b) => b.order - a.order);
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const block of backwards) {
      const now = new Uint32Array(words);
      for (const next of block.next) {
        const after = live.get(next);
        if (after !== undefined)
          for (let at = 0; at < words; at++) now[at] = (now[at] ?? 0) | (after[at] ?? 0);
      }
      const uses = used.get(block);
      for (const written of uses?.writes ?? [])
        now[written >>> 5] = (now[written >>> 5] ?? 0) & ~(1 << (written & 31));
      for (const read of uses?.reads ?? []) now[read >>> 5] = (now[read >>> 5] ?? 0) | (1 << (read & 31));
      const before = live.get(block);
      if (before?.every((word, at) => word === (now[at] ?? 0)) === true) continue;
      live.set(block, now);
      isChanged = true;
    }
  }
  return new Map(
    blocks
      .filter(({ ways }) => ways > 1)
      .map((block): [Block, ReadonlySet<string>] => {
        const bits = live.get(block);
        return [block, new Set(names.filter((_, at) => ((bits?.[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0))];
      }),
  );
}

function usesOf(
  { does }: Block,
  numberOf: (name: string) => number,
): { readonly reads: Set<number>; readonly writes: Set<number> } {
  const reads = new Set<number>();
  const writes = new Set<number>();
  if (does.kind === 'nothing' || does.node === undefined) return { reads, writes };
  const visit = (node: Syntax): void => {
    if (node.type === 'identifier') {
      reads.add(numberOf(node.text));
      return;
    }
    const target = part(node, 'left');
    if (
      node.type === 'assignment_expression' &&
      target?.type === 'identifier' &&
      part(node, 'operator')?.type === '='
    ) {
      const right = part(node, 'right');
      if (right !== undefined) visit(right);
      if (node === does.node) writes.add(numberOf(target.text));
      return;
    }
    for (const child of node.children) visit(child);
  };
  visit(does.node);
  return { reads, writes };
}
