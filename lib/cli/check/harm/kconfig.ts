/**
 * What the configuration of a kernel tree says of symbols: whether one that is set excludes CONFIG_HIGHMEM.
 */

/** What one file of the configuration says of a symbol. */
export interface Definition {
  /** Conditions that all have to hold for the symbol to be set. */
  readonly needs: readonly string[];
}

/** Symbols that only 64-bit machines have, besides architectures, which are told by their folders. */
const WIDE: ReadonlySet<string> = new Set([
  '64BIT',
  'X86_64',
  'PPC64',
  'PPC_BOOK3S_64',
  'SPARC64',
  'CPU_64BIT',
]);
const MOST_LEVELS = 4;

/** Reads a Kconfig file: the conditions of each symbol, those of the menus and `if` around it among them. */
export function readKconfig(text: string): ReadonlyMap<string, readonly Definition[]> {
  const found = new Map<string, { readonly needs: string[] }[]>();
  const around: string[][] = [];
  let needs: string[] | undefined;
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const [, word = '', rest = ''] = /^\s*([\w-]+)\s*(.*?)\s*(?:#.*)?$/.exec(line) ?? [];
    const isTop = /^\S/.test(line);
    if ((word === 'config' || word === 'menuconfig') && isTop) {
      needs = [];
      found.set(rest, [...(found.get(rest) ?? []), { needs }]);
      needs.push(...around.flat());
    } else if (word === 'if' && isTop) {
      around.push([rest]);
      needs = undefined;
    } else if ((word === 'menu' || word === 'choice') && isTop) {
      needs = [];
      around.push(needs);
    } else if (/^end(?:if|menu|choice)$/.test(word) && isTop) {
      around.pop();
      needs = undefined;
    } else if (/^(?:source|comment|help|---help---)$/.test(word)) needs = undefined;
    else if (word === 'depends') needs?.push(rest.replace(/^on\s+/, ''));
    else if (word === 'def_bool' || word === 'def_tristate') needs?.push(rest);
  }
  return found;
}

/** What is known of a tree. */
export interface Symbols {
  /** What the files of the configuration around a place say of a symbol. */
  readonly definitions: (symbol: string) => readonly Definition[];
  /** Whether there is an architecture of that name, and it has no HIGHMEM. */
  readonly isWithoutHighmem: (arch: string) => boolean;
}

/** Whether a condition can hold only where CONFIG_HIGHMEM is not set. */
export function excludesHighmem(condition: string, symbols: Symbols, levels = MOST_LEVELS): boolean {
  const either = parts(condition, '||');
  if (either.length > 1) return either.every((each) => excludesHighmem(each, symbols, levels));
  const both = parts(condition, '&&');
  if (both.length > 1) return both.some((each) => excludesHighmem(each, symbols, levels));
  const [, inner] = /^\((.*)\)$/.exec(condition.trim()) ?? [];
  if (inner !== undefined) return excludesHighmem(inner, symbols, levels);
  const term = condition
    .trim()
    .replaceAll(/\s+/g, '')
    .replace(/=[ym]$/, '');
  if (term === '!HIGHMEM' || WIDE.has(term)) return true;
  if (!/^\w+$/.test(term) || levels === 0) return false;
  if (symbols.isWithoutHighmem(term.toLowerCase())) return true;
  const all = symbols.definitions(term);
  return (
    all.length > 0 &&
    all.every(({ needs }) => needs.some((each) => excludesHighmem(each, symbols, levels - 1)))
  );
}

// The operands of an operator, outside of parentheses.
function parts(condition: string, operator: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < condition.length; at++) {
    const c = condition.charAt(at);
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (depth === 0 && condition.startsWith(operator, at)) {
      found.push(condition.slice(start, at));
      start = at + operator.length;
    }
  }
  return [...found, condition.slice(start)];
}
