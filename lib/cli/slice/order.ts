/**
 * The order in which the parts of a slice are written: what a type needs to be complete comes before it.
 */
import type { Found } from './pool.ts';
import { wordsOf } from './words.ts';

/** What the order of a part depends on. */
interface Ordered {
  readonly found: Found;
  readonly text: string;
}

/** Parts in their order; they are given in that of their headers, which is kept where it does not matter. */
export function inOrder<P extends Ordered>(parts: readonly P[]): readonly P[] {
  const byName = new Map<string, P>();
  for (const part of parts)
    if (isType(part)) for (const name of part.found.declaration.names) byName.set(name, part);
  const done = new Set<P>();
  const ordered: P[] = [];
  const put = (part: P): void => {
    if (done.has(part)) return;
    done.add(part);
    if (isType(part)) for (const name of needed(part.text)) put(byName.get(name) ?? part);
    ordered.push(part);
  };
  for (const part of parts) put(part);
  return ordered;
}

function isType({ found }: Ordered): boolean {
  return /^(?:type|macro)$/.test(found.declaration.kind);
}

/** The names that have to be known before: a pointer to a structure needs nothing. */
function needed(text: string): Iterable<string> {
  return wordsOf(text.replaceAll(/\b(?:struct|union)\s+\w+\s*\*/g, 'void *')).names;
}
