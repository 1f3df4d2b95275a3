/**
 * A WebAssembly module as clang and wasm-ld make it of C: its sections as data. Only what C needs is read; a module with
 * anything else is refused.
 */
import { ConfigError } from '../../base/invariant.ts';
import { Reader } from './reader.ts';

/** The type of a value: an integer of 32 or 64 bits. Others are refused where they are used. */
type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

/** The types of a function. */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
}

/** A function that the module takes from outside. */
interface ImportedFunction {
  readonly name: string;
  readonly type: FunctionType;
}

/** A function with a body. */
export interface DefinedFunction {
  readonly name: string;
  readonly type: FunctionType;
  /** The types of its local variables, behind those of the parameters. */
  readonly locals: readonly ValueType[];
  /** Where its instructions lie, from the start of the code section on: what DWARF calls an address. */
  readonly from: number;
  readonly to: number;
}

/** Bytes that memory holds at first. */
export interface DataSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A module. */
export interface WasmModule {
  readonly types: readonly FunctionType[];
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly DefinedFunction[];
  /** Exported functions by name: their index among all functions, those from outside first. */
  readonly exports: ReadonlyMap<string, number>;
  /** The functions that pointers lead to, by the value of the pointer. */
  readonly table: ReadonlyMap<number, number>;
  readonly data: readonly DataSegment[];
  readonly code: Uint8Array;
  /** The values at first of the variables of the machine, of which the stack pointer is the first. */
  readonly globals: readonly number[];
  readonly custom: ReadonlyMap<string, Uint8Array>;
}

const VALUE_TYPES: ReadonlyMap<number, ValueType> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
]);

/** Reads the type of a value. */
function valueType(reader: Reader): ValueType {
  const code = reader.u8();
  const type = VALUE_TYPES.get(code);
  if (type === undefined) throw new ConfigError(`the module has a value of type 0x${code.toString(16)}`);
  return type;
}

const FUNCTION = 0;
const TABLE = 1;
const MEMORY = 2;
const GLOBAL = 3;

/** Reads a module. */
export function readModule(bytes: Uint8Array): WasmModule {
  const sections = new Map<number, Reader>();
  const custom = new Map<string, Uint8Array>();
  const all = new Reader(bytes, 8);
  while (!all.done) {
    const id = all.u8();
    const length = all.unsigned();
    const section = new Reader(bytes, all.at, all.at + length);
    all.at += length;
    if (id === 0) custom.set(section.name(), bytes.subarray(section.at, section.end));
    else sections.set(id, section);
  }
  const listOf = <T>(id: number, one: (reader: Reader, index: number) => T): T[] =>
    sections.get(id)?.list(one) ?? [];
  const types = listOf(1, functionType);
  const typeAt = (index: number): FunctionType => at(types, index, 'type');
  const imports: ImportedFunction[] = [];
  for (const found of listOf(2, (reader) => readImport(reader, typeAt)))
    if (found !== undefined) imports.push(found);
  const declared = listOf(3, (reader) => typeAt(reader.unsigned()));
  const names = functionNames(custom.get('name'));
  const code = sections.get(10);
  const start = code?.at ?? 0;
  const functions = listOf(10, (reader, index) =>
    readBody(
      reader,
      start,
      names.get(index + imports.length) ?? `f${String(index)}`,
      at(declared, index, 'type'),
    ),
  );
  const globals = listOf(6, (reader) => {
    valueType(reader);
    reader.u8();
    return constant(reader);
  });
  const exports = new Map<string, number>();
  for (const [name, kind, index] of listOf(
    7,
    (reader) => [reader.name(), reader.u8(), reader.unsigned()] as const,
  ))
    if (kind === FUNCTION) exports.set(name, index);
  const table = new Map<number, number>();
  listOf(9, (reader) => {
    reader.unsigned();
    const first = constant(reader);
    for (const [i, index] of reader.list((r) => r.unsigned()).entries()) table.set(first + i, index);
  });
  const data = listOf(11, (reader) => {
    reader.unsigned();
    const address = constant(reader) >>> 0;
    return { address, bytes: reader.take(reader.unsigned()) };
  });
  return {
    types,
    imports,
    functions,
    exports,
    table,
    data,
    globals,
    code: bytes.subarray(start, code?.end),
    custom,
  };
}

function at<T>(list: readonly T[], index: number, what: string): T {
  const found = list[index];
  if (found === undefined) throw new ConfigError(`the module has no ${what} ${String(index)}`);
  return found;
}

function functionType(reader: Reader): FunctionType {
  reader.u8();
  const params = reader.list(valueType);
  const [result, ...more] = reader.list(valueType);
  if (more.length > 0) throw new ConfigError('a function of the module returns several values');
  return { params, result };
}

function readImport(reader: Reader, typeAt: (index: number) => FunctionType): ImportedFunction | undefined {
  reader.name();
  const name = reader.name();
  const kind = reader.u8();
  if (kind === FUNCTION) return { name, type: typeAt(reader.unsigned()) };
  if (kind === TABLE) reader.u8();
  if (kind === MEMORY || kind === TABLE) {
    const hasMost = reader.u8() % 2 === 1;
    reader.unsigned();
    if (hasMost) reader.unsigned();
  } else if (kind === GLOBAL) throw new ConfigError(`the module takes a variable "${name}" from outside`);
  return undefined;
}

function readBody(reader: Reader, start: number, name: string, type: FunctionType): DefinedFunction {
  const length = reader.unsigned();
  const end = reader.at + length;
  const locals = reader
    .list((r) => ({ count: r.unsigned(), type: valueType(r) }))
    .flatMap(({ count, type: one }) => Array.from({ length: count }, () => one));
  const from = reader.at - start;
  reader.at = end;
  return { name, type, locals, from, to: end - start };
}

/** The value of an initialiser: one constant. */
function constant(reader: Reader): number {
  const op = reader.u8();
  const value = Number(BigInt.asIntN(32, reader.signed()));
  if (op !== 0x41 || reader.u8() !== 0x0b)
    throw new ConfigError('an initialiser of the module is no constant of 32 bits');
  return value;
}

/** The names of functions, from the section that names them. */
function functionNames(section: Uint8Array | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  if (section === undefined) return names;
  const reader = new Reader(section);
  while (!reader.done) {
    const kind = reader.u8();
    const end = reader.unsigned() + reader.at;
    if (kind === 1) reader.list((r) => names.set(r.unsigned(), r.name()));
    reader.at = end;
  }
  return names;
}
