/**
 * The variables of C with their types: the debugging information of DWARF 4, as `clang -gdwarf-4` writes it.
 */
import { readEntries } from './debug-entries.ts';
import type { DebugEntry } from './debug-entries.ts';
import { Reader } from './reader.ts';

/** A type of C, as far as names of places need it. */
export type CType =
  | { readonly kind: 'value'; readonly lengthBytes: number }
  | { readonly kind: 'pointer'; readonly lengthBytes: number; readonly to: CType | undefined }
  | {
      readonly kind: 'struct';
      readonly lengthBytes: number;
      readonly name: string;
      readonly members: readonly CMember[];
    }
  | { readonly kind: 'array'; readonly lengthBytes: number; readonly of: CType };

/** A member of a struct or union. Its name is empty where C has none. */
interface CMember {
  readonly name: string;
  readonly offset: number;
  readonly type: CType;
}

/** A variable with an address of its own. */
export interface CVariable {
  readonly name: string;
  readonly address: number;
  readonly type: CType;
}

const TAG = {
  array: 0x01,
  enumeration: 0x04,
  member: 0x0d,
  pointer: 0x0f,
  struct: 0x13,
  typedef: 0x16,
  union: 0x17,
  subrange: 0x21,
  base: 0x24,
  constant: 0x26,
  variable: 0x34,
  volatile: 0x35,
} as const;
const AT = {
  location: 0x02,
  name: 0x03,
  byteSize: 0x0b,
  upperBound: 0x2f,
  count: 0x37,
  memberLocation: 0x38,
  type: 0x49,
} as const;
/** The location of a variable that has an address: one operation, and the address. */
const OP_ADDRESS = 0x03;
const LOCATION_BYTES = 5;
const POINTER_BYTES = 4;

/** Reads the variables of a module; none if it was compiled without debugging information. */
export function readVariables(custom: ReadonlyMap<string, Uint8Array>): readonly CVariable[] {
  const entries = readEntries(custom);
  const types = new TypeReader(entries);
  const variables: CVariable[] = [];
  for (const entry of entries.values()) {
    const location = entry.attributes.get(AT.location);
    if (entry.tag !== TAG.variable || !(location instanceof Uint8Array)) continue;
    if (location.length !== LOCATION_BYTES || location[0] !== OP_ADDRESS) continue;
    const name = textOf(entry, AT.name);
    const type = types.of(entry);
    if (name !== '' && type !== undefined)
      variables.push({ name, address: new Reader(location, 1).u32(), type });
  }
  return variables;
}

function textOf({ attributes }: DebugEntry, attribute: number): string {
  const value = attributes.get(attribute);
  return typeof value === 'string' ? value : '';
}

function numberOf({ attributes }: DebugEntry, attribute: number): number | undefined {
  const value = attributes.get(attribute);
  return typeof value === 'number' ? value : undefined;
}

class TypeReader {
  private readonly entries: ReadonlyMap<number, DebugEntry>;
  readonly #known = new Map<number, CType>();

  constructor(entries: ReadonlyMap<number, DebugEntry>) {
    this.entries = entries;
  }

  /** The type of a variable, of a member, or of what a pointer leads to. */
  of(entry: DebugEntry): CType | undefined {
    const at = numberOf(entry, AT.type);
    return at === undefined ? undefined : this.#at(at);
  }

  #at(at: number): CType | undefined {
    const known = this.#known.get(at);
    if (known !== undefined) return known;
    const entry = this.entries.get(at);
    if (entry === undefined) return undefined;
    const lengthBytes = numberOf(entry, AT.byteSize) ?? 0;
    switch (entry.tag) {
      case TAG.base:
      case TAG.enumeration:
        return this.#keep(at, { kind: 'value', lengthBytes });
      case TAG.typedef:
      case TAG.constant:
      case TAG.volatile:
        return this.of(entry);
      case TAG.pointer:
        return this.#pointer(at, entry);
      case TAG.struct:
      case TAG.union:
        return this.#struct(at, entry, lengthBytes);
      case TAG.array:
        return this.#array(at, entry);
      default:
        return undefined;
    }
  }

  #keep(at: number, type: CType): CType {
    this.#known.set(at, type);
    return type;
  }

  // What it leads to is read when it is asked for, because a struct may have pointers to its own type.
  #pointer(at: number, entry: DebugEntry): CType {
    const target = (): CType | undefined => this.of(entry);
    return this.#keep(at, {
      kind: 'pointer',
      lengthBytes: POINTER_BYTES,
      get to() {
        return target();
      },
    });
  }

  #struct(at: number, entry: DebugEntry, lengthBytes: number): CType {
    const members: CMember[] = [];
    const type = this.#keep(at, { kind: 'struct', lengthBytes, name: textOf(entry, AT.name), members });
    for (const child of entry.children) {
      const of = child.tag === TAG.member ? this.of(child) : undefined;
      if (of !== undefined)
        members.push({
          name: textOf(child, AT.name),
          offset: numberOf(child, AT.memberLocation) ?? 0,
          type: of,
        });
    }
    return type;
  }

  #array(at: number, entry: DebugEntry): CType | undefined {
    const element = this.of(entry);
    if (element === undefined) return undefined;
    // The dimensions, the last of which is that of neighbours in memory.
    const counts = entry.children
      .filter(({ tag }) => tag === TAG.subrange)
      .map((range) => numberOf(range, AT.count) ?? (numberOf(range, AT.upperBound) ?? -1) + 1);
    const made = counts.reduceRight<CType>(
      (of, count) => ({ kind: 'array', lengthBytes: of.lengthBytes * count, of }),
      element,
    );
    return this.#keep(at, made);
  }
}
