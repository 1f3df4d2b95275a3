/**
 * Which line of C each instruction came from: the line table of DWARF 4, as `clang -gdwarf-4` writes it.
 */
import { Reader } from './reader.ts';

/** A place in a C file. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Row extends SourcePlace {
  readonly address: number;
  readonly ends: boolean;
}

/** Places by the address of an instruction. */
export class LineTable {
  private readonly rows: readonly Row[];

  constructor(section: Uint8Array | undefined) {
    const rows: Row[] = [];
    if (section !== undefined) {
      const reader = new Reader(section);
      while (!reader.done) readUnit(reader, rows);
    }
    this.rows = rows.sort((a, b) => a.address - b.address || Number(b.ends) - Number(a.ends));
  }

  /** The place of an instruction; `undefined` where none is known. */
  at(address: number): SourcePlace | undefined {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.rows[middle]?.address ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const row = this.rows[low - 1];
    return row === undefined || row.ends || row.line === 0 ? undefined : row;
  }
}

interface Header {
  readonly minLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly argumentCounts: readonly number[];
  readonly files: readonly string[];
}

function readUnit(reader: Reader, rows: Row[]): void {
  const end = reader.u32() + reader.at;
  const version = reader.u16();
  if (version < 2 || version > 4) {
    reader.at = end;
    return;
  }
  const program = reader.u32() + reader.at;
  const header = readHeader(reader, version);
  run(new Reader(reader.bytes, program, end), header, rows);
  reader.at = end;
}

function readHeader(reader: Reader, version: number): Header {
  const minLength = reader.u8();
  if (version >= 4) reader.u8();
  reader.u8();
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  const argumentCounts = [0, ...Array.from({ length: opcodeBase - 1 }, () => reader.u8())];
  const folders = [''];
  for (let name = reader.text(); name !== ''; name = reader.text()) folders.push(name);
  const files = [''];
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    const folder = folders[reader.unsigned()] ?? '';
    reader.unsigned();
    reader.unsigned();
    files.push(folder === '' || name.startsWith('/') ? name : `${folder}/${name}`);
  }
  return { minLength, lineBase, lineRange, opcodeBase, argumentCounts, files };
}

/** The registers of the machine that a line table is a program for. */
interface Registers {
  address: number;
  file: number;
  line: number;
  column: number;
}

function run(reader: Reader, header: Header, rows: Row[]): void {
  let now: Registers = { address: 0, file: 1, line: 1, column: 0 };
  const add = (ends: boolean): void => {
    const { address, file, line, column } = now;
    rows.push({ address, file: header.files[file] ?? '', line, column, ends });
  };
  const advance = (units: number): void => {
    now.address += units * header.minLength;
  };
  while (!reader.done) {
    const op = reader.u8();
    if (op >= header.opcodeBase) {
      const special = op - header.opcodeBase;
      advance(Math.floor(special / header.lineRange));
      now.line += header.lineBase + (special % header.lineRange);
      add(false);
    } else if (op === 0) {
      const end = reader.unsigned() + reader.at;
      const kind = reader.u8();
      if (kind === 1) {
        add(true);
        now = { address: 0, file: 1, line: 1, column: 0 };
      } else if (kind === 2) now.address = reader.u32();
      reader.at = end;
    } else step(op, reader, header, now, add, advance);
  }
}

function step(
  op: number,
  reader: Reader,
  header: Header,
  now: Registers,
  add: (ends: boolean) => void,
  advance: (units: number) => void,
): void {
  switch (op) {
    case 1:
      add(false);
      return;
    case 2:
      advance(reader.unsigned());
      return;
    case 3:
      now.line += Number(reader.signed());
      return;
    case 4:
      now.file = reader.unsigned();
      return;
    case 5:
      now.column = reader.unsigned();
      return;
    case 8:
      advance(Math.floor((255 - header.opcodeBase) / header.lineRange));
      return;
    case 9:
      now.address += reader.u16();
      return;
    default:
      for (let i = header.argumentCounts[op] ?? 0; i > 0; i -= 1) reader.unsigned();
  }
}
