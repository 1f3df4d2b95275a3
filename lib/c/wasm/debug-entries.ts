/**
 * The entries of DWARF 4 debugging information: a tree of things with attributes, each in the form that a table of
 * abbreviations gives.
 */
import { ConfigError } from '../../base/invariant.ts';
import { Reader } from './reader.ts';

/** The value of an attribute: a number, a text, or bytes. A reference is the place of the entry that is meant. */
type DebugValue = number | string | Uint8Array;

/** One thing that was declared. */
export interface DebugEntry {
  readonly tag: number;
  readonly attributes: ReadonlyMap<number, DebugValue>;
  readonly children: readonly DebugEntry[];
}

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly (readonly [name: number, form: number])[];
}

/** Reads all entries, by their places in the section. */
export function readEntries(custom: ReadonlyMap<string, Uint8Array>): ReadonlyMap<number, DebugEntry> {
  const entries = new Map<number, DebugEntry>();
  const [info, abbreviations] = [custom.get('.debug_info'), custom.get('.debug_abbrev')];
  if (info === undefined || abbreviations === undefined) return entries;
  const strings = custom.get('.debug_str') ?? new Uint8Array();
  const reader = new Reader(info);
  while (!reader.done) {
    const start = reader.at;
    const end = reader.u32() + reader.at;
    const version = reader.u16();
    if (version === 4) {
      const table = readAbbreviations(new Reader(abbreviations, reader.u32()));
      reader.u8();
      readChildren(new Reader(info, reader.at, end), { start, table, strings, entries });
    }
    reader.at = end;
  }
  return entries;
}

function readAbbreviations(reader: Reader): ReadonlyMap<number, Abbreviation> {
  const table = new Map<number, Abbreviation>();
  for (let code = reader.unsigned(); code !== 0; code = reader.unsigned()) {
    const tag = reader.unsigned();
    const hasChildren = reader.u8() !== 0;
    const attributes: (readonly [number, number])[] = [];
    for (;;) {
      const [name, form] = [reader.unsigned(), reader.unsigned()];
      if (name === 0 && form === 0) break;
      attributes.push([name, form]);
    }
    table.set(code, { tag, hasChildren, attributes });
  }
  return table;
}

interface Unit {
  /** The place of the unit, from which its references count. */
  readonly start: number;
  readonly table: ReadonlyMap<number, Abbreviation>;
  readonly strings: Uint8Array;
  readonly entries: Map<number, DebugEntry>;
}

/** Reads the entries up to the one that ends their list. */
function readChildren(reader: Reader, unit: Unit): readonly DebugEntry[] {
  const children: DebugEntry[] = [];
  while (!reader.done) {
    const at = reader.at;
    const code = reader.unsigned();
    if (code === 0) break;
    const found = unit.table.get(code);
    if (found === undefined)
      throw new ConfigError(`the debugging information has no abbreviation ${String(code)}`);
    const attributes = new Map<number, DebugValue>();
    for (const [name, form] of found.attributes) attributes.set(name, readValue(reader, form, unit));
    const entry = {
      tag: found.tag,
      attributes,
      children: found.hasChildren ? readChildren(reader, unit) : [],
    };
    unit.entries.set(at, entry);
    children.push(entry);
  }
  return children;
}

/** Reads a value in a form, by the numbers of DW_FORM. */
function readValue(reader: Reader, form: number, unit: Unit): DebugValue {
  switch (form) {
    case 0x01: // addr
    case 0x06: // data4
    case 0x17: // sec_offset
    case 0x10: // ref_addr
      return reader.u32();
    case 0x05: // data2
      return reader.u16();
    case 0x0b: // data1
    case 0x0c: // flag
      return reader.u8();
    case 0x07: // data8
    case 0x20: // ref_sig8
      return reader.take(8);
    case 0x0d: // sdata
      return Number(reader.signed());
    case 0x0f: // udata
      return reader.unsigned();
    case 0x08: // string
      return reader.text();
    case 0x0e: // strp
      return new Reader(unit.strings, reader.u32()).text();
    case 0x19: // flag_present
      return 1;
    case 0x11: // ref1
      return unit.start + reader.u8();
    case 0x12: // ref2
      return unit.start + reader.u16();
    case 0x13: // ref4
      return unit.start + reader.u32();
    case 0x15: // ref_udata
      return unit.start + reader.unsigned();
    case 0x0a: // block1
      return reader.take(reader.u8());
    case 0x03: // block2
      return reader.take(reader.u16());
    case 0x04: // block4
      return reader.take(reader.u32());
    case 0x09: // block
    case 0x18: // exprloc
      return reader.take(reader.unsigned());
    default:
      throw new ConfigError(`the debugging information has a value of form 0x${form.toString(16)}`);
  }
}
