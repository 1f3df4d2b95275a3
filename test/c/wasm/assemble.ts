/** Small WebAssembly modules, byte by byte: what V8 makes of an instruction is the oracle for its translation. */

/** The bytes of value types. */
export const TYPES = { i32: 0x7f, i64: 0x7e } as const;

/** LEB128 of a whole number without a sign. */
export function leb(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...leb(Math.floor(value / 0x80))];
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...leb(content.length), ...content];
}

/** A module that exports one function `f` with these types and this body, without its end. */
export function moduleOf(
  params: readonly (keyof typeof TYPES)[],
  result: keyof typeof TYPES,
  body: readonly number[],
): Uint8Array {
  const code = [0, ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, params.length, ...params.map((type) => TYPES[type]), 1, TYPES[result]]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

/** The part of WebAssembly that is used. Node has it, but the project's types do not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** The functions of a module as V8 runs them, over pages of memory of 64 KiB. */
export function byV8(
  bytes: Uint8Array,
  pages: number = 1,
): (name: string, ...values: readonly (number | bigint)[]) => unknown {
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return (name, ...values) => {
    const run = exports[name];
    if (typeof run !== 'function') throw new Error(`no function ${name}`);
    const result: unknown = Reflect.apply(run, undefined, values);
    return result;
  };
}
