/**
 * Translates a module into JavaScript: each function of C becomes a generator that stops before each access to memory
 * that others can reach, and before each call of the kernel.
 *
 * The C stack of the running context is read and written at once. Local variables of C become variables of the generator,
 * so that what looks at a stopped generator sees them.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { LineTable, SourcePlace } from './line-table.ts';
import type { DefinedFunction, FunctionType, WasmModule } from './module.ts';
import { accessOf, operatorOf } from './operators.ts';
import type { MemoryAccess } from './operators.ts';
import { Reader } from './reader.ts';

/** A place in C, with the function that it lies in. */
export interface CodePlace extends SourcePlace {
  readonly name: string;
}

/** A module as JavaScript. */
export interface Translation {
  /** The body of a function of `h` (helpers) and `k` (functions of the kernel); returns the functions by their index. */
  readonly code: string;
  /** The place in C of each line of the code, from line 1 on. */
  readonly places: readonly (CodePlace | null)[];
  /** Where each function from outside is called. */
  readonly calls: ReadonlyMap<string, readonly CodePlace[]>;
  /** The types of each function, as a text that is the same for the same types. */
  readonly signatures: readonly string[];
}

/** A call of this marks the access that follows it. It is no step of its own. */
export const MARK = '__scatterlist_once';

/** A block that is open: where a branch to it goes, and what it leaves on the stack. */
interface Frame {
  readonly kind: 'function' | 'block' | 'loop' | 'if';
  readonly label: string;
  readonly height: number;
  readonly hasResult: boolean;
}

/** The types of a function as a text. */
function signatureOf({ params, result }: FunctionType): string {
  return `${params.join(',')}:${result ?? ''}`;
}

/** Translates a module. */
export function translate(module: WasmModule, lines: LineTable): Translation {
  const { imports, functions, code } = module;
  const out: string[] = [];
  const places: (CodePlace | null)[] = [];
  const emit = (text: string, place: CodePlace | null): void => {
    out.push(text);
    places.push(place);
  };
  const names = [
    ...imports.map((_, i) => `k[${String(i)}]`),
    ...functions.map(({ name }, i) => `${name.replaceAll(/\W/g, '_')}_${String(i)}`),
  ];
  const types = [...imports, ...functions].map(({ type }) => type);
  const calls = new Map<string, CodePlace[]>();
  const calledAt = (name: string, place: CodePlace): void => {
    calls.set(name, [...(calls.get(name) ?? []), place]);
  };
  emit('"use strict";', null);
  for (const [i, fn] of functions.entries()) {
    const name = names[imports.length + i] ?? '';
    new FunctionWriter(
      { module, names, types, lines, emit, calledAt },
      fn,
      new Reader(code, fn.from, fn.to),
    ).write(name);
  }
  emit(`return [${names.join(', ')}];`, null);
  return { code: out.join('\n'), places, calls, signatures: types.map(signatureOf) };
}

interface Surroundings {
  readonly module: WasmModule;
  readonly names: readonly string[];
  readonly types: readonly FunctionType[];
  readonly lines: LineTable;
  readonly emit: (text: string, place: CodePlace | null) => void;
  readonly calledAt: (name: string, place: CodePlace) => void;
}

class FunctionWriter {
  private readonly around: Surroundings;
  private readonly fn: DefinedFunction;
  private readonly reader: Reader;
  private readonly frames: Frame[] = [];
  /** Values on the stack. */
  #height = 0;
  #mostHeight = 0;
  #labels = 0;
  /** Blocks opened since code that cannot be reached began; 0 if it can be. */
  #dead = 0;
  readonly #body: (readonly [text: string, place: CodePlace | null])[] = [];

  constructor(around: Surroundings, fn: DefinedFunction, reader: Reader) {
    this.around = around;
    this.fn = fn;
    this.reader = reader;
  }

  write(name: string): void {
    const { emit } = this.around;
    const { params, result } = this.fn.type;
    // Made by the linker, to clear what is zero anyway.
    if (this.fn.name.startsWith('__wasm_')) {
      emit(`function* ${name}() {}`, null);
      return;
    }
    this.frames.push({ kind: 'function', label: 'F', height: 0, hasResult: result !== undefined });
    while (!this.reader.done) this.#instruction();
    const parameters = params.map((_, i) => `l${String(i)}`);
    emit(`function* ${name}(${['c', ...parameters].join(', ')}) {`, null);
    const locals = this.fn.locals.map(
      (type, i) => `l${String(i + params.length)} = ${type === 'i64' ? '0n' : '0'}`,
    );
    const slots = Array.from({ length: Math.max(1, this.#mostHeight) }, (_, i) => `s${String(i)}`);
    emit(`let t, ${[...locals, ...slots].join(', ')};`, null);
    for (const [text, place] of this.#body) emit(text, place);
    emit('}', null);
  }

  #put(text: string, place: CodePlace | null = null): void {
    this.#body.push([text, place]);
  }

  /** The place of the instruction at an address. */
  #placeOf(address: number): CodePlace | null {
    const place = this.around.lines.at(address);
    if (place === undefined) return null;
    const { file, line, column } = place;
    return { file, line, column, name: this.fn.name };
  }

  #push(expression: string, place: CodePlace | null = null): void {
    this.#put(`s${String(this.#height)} = ${expression};`, place);
    this.#height += 1;
    this.#mostHeight = Math.max(this.#mostHeight, this.#height);
  }

  #pop(): string {
    this.#height -= 1;
    return `s${String(this.#height)}`;
  }

  #pops(count: number): readonly string[] {
    this.#height -= count;
    return Array.from({ length: count }, (_, i) => `s${String(this.#height + i)}`);
  }

  #instruction(): void {
    const address = this.reader.at;
    const op = this.reader.u8();
    if (this.#dead > 0) {
      this.#skip(op);
      return;
    }
    const access = accessOf(op);
    const operator = operatorOf(op);
    if (access !== undefined) this.#access(access, address);
    else if (operator !== undefined) {
      const [a = '', b = ''] = this.#pops(operator.operands);
      this.#push(operator.text(a, b), op >= 0x6d && op <= 0x82 ? this.#placeOf(address) : null);
    } else this.#other(op, address);
  }

  #other(op: number, address: number): void {
    const { reader } = this;
    switch (op) {
      case 0x00:
        this.#put('h.trap();', this.#placeOf(address));
        this.#dies();
        return;
      case 0x01:
        return;
      case 0x02:
      case 0x03:
      case 0x04:
        this.#open(op);
        return;
      case 0x05:
        this.#put('} else {');
        this.#height = this.#top.height;
        return;
      case 0x0b:
        this.#close();
        return;
      case 0x0c:
        this.#put(this.#branch(reader.unsigned()));
        this.#dies();
        return;
      case 0x0d: {
        const condition = this.#pop();
        this.#put(`if (${condition} !== 0) { ${this.#branch(reader.unsigned())} }`);
        return;
      }
      case 0x0e: {
        const value = this.#pop();
        const cases = reader.list((r) => r.unsigned());
        const other = reader.unsigned();
        const texts = cases.map((depth, i) => `case ${String(i)}: { ${this.#branch(depth)} }`);
        this.#put(`switch (${value} >>> 0) { ${texts.join(' ')} default: { ${this.#branch(other)} } }`);
        this.#dies();
        return;
      }
      case 0x0f:
        this.#put(this.#branch(this.frames.length - 1));
        this.#dies();
        return;
      case 0x10:
        this.#call(reader.unsigned(), address);
        return;
      case 0x11:
        this.#callPointer(address);
        return;
      case 0x1a:
        this.#pop();
        return;
      case 0x1b: {
        const [a = '', b = '', condition = ''] = this.#pops(3);
        this.#push(`${condition} !== 0 ? ${a} : ${b}`);
        return;
      }
      case 0x20:
        this.#push(`l${String(reader.unsigned())}`);
        return;
      case 0x21:
        this.#put(`l${String(reader.unsigned())} = ${this.#pop()};`);
        return;
      case 0x22:
        this.#put(`l${String(reader.unsigned())} = s${String(this.#height - 1)};`);
        return;
      case 0x23:
        this.#stackPointer(reader.unsigned());
        this.#push('c.sp');
        return;
      case 0x24:
        this.#stackPointer(reader.unsigned());
        this.#put(
          `if ((c.sp = ${this.#pop()}) - c.lo >>> 0 > c.size) h.overflow(c);`,
          this.#placeOf(address),
        );
        return;
      case 0x3f:
        reader.u8();
        this.#push('0');
        return;
      case 0x41:
        this.#push(String(reader.signed32()));
        return;
      case 0x42:
        this.#push(`${String(reader.signed())}n`);
        return;
      default:
        this.#refuse(op, address);
    }
  }

  #refuse(op: number, address: number): never {
    const place = this.#placeOf(address);
    const where = place === null ? this.fn.name : `${place.file}:${String(place.line)}, in ${place.name}`;
    const isFloating = (op >= 0x2a && op <= 0x2b) || (op >= 0x38 && op <= 0x39) || (op >= 0x43 && op <= 0xbf);
    throw new ConfigError(
      isFloating
        ? `${where}: floating point, which the kernel does not use either`
        : `${where}: an instruction that is not known (0x${op.toString(16)})`,
    );
  }

  #stackPointer(index: number): void {
    if (index !== 0) throw new ConfigError(`${this.fn.name} uses variable ${String(index)} of the machine`);
  }

  get #top(): Frame {
    const top = this.frames.at(-1);
    if (top === undefined) throw new ConfigError(`the code of ${this.fn.name} has more ends than blocks`);
    return top;
  }

  #open(op: number): void {
    const hasResult = this.reader.u8() !== 0x40;
    const condition = op === 0x04 ? this.#pop() : '';
    this.#labels += 1;
    const label = `L${String(this.#labels)}`;
    const kind = op === 0x02 ? 'block' : op === 0x03 ? 'loop' : 'if';
    this.frames.push({ kind, label, height: this.#height, hasResult });
    if (kind === 'block') this.#put(`${label}: {`);
    else if (kind === 'loop') this.#put(`${label}: for (;;) {`);
    else this.#put(`${label}: { if (${condition} !== 0) {`);
  }

  #close(): void {
    const { kind, label, height, hasResult } = this.#top;
    this.frames.pop();
    if (kind === 'function') {
      // The end of a body returns what is on the stack.
      if (this.#height > 0 && hasResult) this.#put(`return s${String(this.#height - 1)};`);
      return;
    }
    this.#put(kind === 'loop' ? `break ${label}; }` : kind === 'if' ? '} }' : '}');
    this.#height = height + (hasResult ? 1 : 0);
    this.#mostHeight = Math.max(this.#mostHeight, this.#height);
  }

  /** A jump out of so many blocks, or back to the start of a loop. */
  #branch(depth: number): string {
    const frame = this.frames[this.frames.length - 1 - depth];
    if (frame === undefined)
      throw new ConfigError(`the code of ${this.fn.name} leaves a block that is not there`);
    const value = `s${String(this.#height - 1)}`;
    if (frame.kind === 'function') return frame.hasResult ? `return ${value};` : 'return;';
    if (frame.kind === 'loop') return `continue ${frame.label};`;
    const target = `s${String(frame.height)}`;
    const move = frame.hasResult && target !== value ? `${target} = ${value}; ` : '';
    return `${move}break ${frame.label};`;
  }

  /** What follows cannot be reached, up to the end of the block. */
  #dies(): void {
    this.#dead = 1;
  }

  /** Reads over an instruction that cannot be reached. */
  #skip(op: number): void {
    const { reader } = this;
    if (op === 0x0b || op === 0x05) {
      if (this.#dead === 1) {
        this.#dead = 0;
        this.#height = this.#top.height;
        if (op === 0x05) this.#put('} else {');
        else this.#close();
      } else if (op === 0x0b) this.#dead -= 1;
    } else if (op === 0x02 || op === 0x03 || op === 0x04) {
      reader.u8();
      this.#dead += 1;
    } else if (op === 0x0e) {
      reader.list((r) => r.unsigned());
      reader.unsigned();
    } else if (op === 0x11 || (op >= 0x28 && op <= 0x3e)) {
      reader.unsigned();
      reader.unsigned();
    } else if (op === 0x0c || op === 0x0d || op === 0x10 || (op >= 0x20 && op <= 0x24)) reader.unsigned();
    else if (op === 0x3f || op === 0x40) reader.u8();
    else if (op === 0x41 || op === 0x42) reader.signed();
  }

  #call(index: number, address: number): void {
    const type = this.around.types[index];
    const name = this.around.names[index];
    if (type === undefined || name === undefined) throw new ConfigError(`no function ${String(index)}`);
    const imported = this.around.module.imports[index]?.name;
    if (imported === MARK) {
      this.#put('c.once = true;');
      return;
    }
    const place = imported === undefined ? null : this.#placeOf(address);
    if (imported !== undefined && place !== null) this.around.calledAt(imported, place);
    this.#callBy(name, type, this.#pops(type.params.length), address);
  }

  #callPointer(address: number): void {
    const type = this.around.module.types[this.reader.unsigned()];
    this.reader.unsigned();
    if (type === undefined) throw new ConfigError('a call by a pointer has no type');
    const pointer = this.#pop();
    const values = this.#pops(type.params.length);
    this.#callBy(`h.pointed(c, ${pointer} >>> 0, '${signatureOf(type)}')`, type, values, address);
  }

  #callBy(name: string, { result }: FunctionType, values: readonly string[], address: number): void {
    const call = `yield* ${name}(${['c', ...values].join(', ')})`;
    if (result === undefined) this.#put(`${call};`, this.#placeOf(address));
    else this.#push(call, this.#placeOf(address));
  }

  #access({ bytes, isStore, convert }: MemoryAccess, address: number): void {
    this.reader.unsigned();
    const offset = this.reader.unsigned();
    const place = this.#placeOf(address);
    const value = isStore ? this.#pop() : '';
    const base = this.#pop();
    const width = String(bytes);
    this.#put(`t = ${offset === 0 ? base : `${base} + ${String(offset)}`} >>> 0;`);
    const view = `c.view.${isStore ? 'set' : 'get'}${VIEWS[bytes]}`;
    const end = bytes === 1 ? '' : ', true';
    if (isStore) {
      const stored = convert(value);
      this.#put(
        `if (t - c.lo >>> 0 < c.own) ${view}(t - c.lo, ${stored}${end}); else { h.ask(c, t, ${width}, true); yield; h.store${width}(c, t, ${stored}); }`,
        place,
      );
      return;
    }
    const target = `s${String(this.#height)}`;
    this.#put(
      `if (t - c.lo >>> 0 < c.own) ${target} = ${view}(t - c.lo${end}); else { h.ask(c, t, ${width}, false); yield; ${target} = h.load${width}(c, t); }`,
      place,
    );
    const converted = convert(target);
    if (converted !== target) this.#put(`${target} = ${converted};`);
    this.#height += 1;
    this.#mostHeight = Math.max(this.#mostHeight, this.#height);
  }
}

const VIEWS = { 1: 'Uint8', 2: 'Uint16', 4: 'Int32', 8: 'BigInt64' } as const;
