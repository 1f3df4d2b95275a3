/**
 * The map that the linker writes: where each variable of C lies.
 */

/** A variable. */
export interface CSymbol {
  readonly name: string;
  readonly address: number;
  readonly lengthBytes: number;
}

/** Reads the variables of a map, in the order of their addresses. */
export function readLinkMap(text: string): readonly CSymbol[] {
  const symbols: CSymbol[] = [];
  for (const line of text.split('\n')) {
    const [, address = '', length = '', name = ''] =
      /^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) {17}(\S+)$/.exec(line) ?? [];
    // Functions and variables of the machine have no address in memory.
    if (name === '' || Number.parseInt(address, 16) < 2 ** 31) continue;
    symbols.push({ name, address: Number.parseInt(address, 16), lengthBytes: Number.parseInt(length, 16) });
  }
  return symbols.sort((a, b) => a.address - b.address);
}
