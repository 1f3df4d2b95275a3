/**
 * The arithmetic of WebAssembly as expressions of JavaScript: integers of 32 bits are numbers with a sign, integers of 64
 * bits are bigints with a sign.
 */

/** Makes an expression of those of the operands. */
export interface Operator {
  readonly operands: 1 | 2;
  readonly text: (a: string, b: string) => string;
}

const OPERATORS = new Map<number, Operator>();

function one(code: number, text: (a: string) => string): void {
  OPERATORS.set(code, { operands: 1, text: (a) => text(a) });
}

function two(code: number, text: (a: string, b: string) => string): void {
  OPERATORS.set(code, { operands: 2, text });
}

const u32 = (a: string): string => `(${a} >>> 0)`;
const u64 = (a: string): string => `BigInt.asUintN(64, ${a})`;
const s64 = (a: string): string => `BigInt.asIntN(64, ${a})`;
const bit = (condition: string): string => `(${condition} ? 1 : 0)`;

/** Comparisons in the order of their codes: eq, ne, lt, gt, le, ge, those with an order with and without sign. */
function comparisons(first: number, unsigned: (a: string) => string): void {
  const ordered = ['<', '>', '<=', '>='];
  two(first, (a, b) => bit(`${a} === ${b}`));
  two(first + 1, (a, b) => bit(`${a} !== ${b}`));
  for (const [i, sign] of ordered.entries()) {
    two(first + 2 + 2 * i, (a, b) => bit(`${a} ${sign} ${b}`));
    two(first + 3 + 2 * i, (a, b) => bit(`${unsigned(a)} ${sign} ${unsigned(b)}`));
  }
}

one(0x45, (a) => bit(`${a} === 0`));
comparisons(0x46, u32);
one(0x50, (a) => bit(`${a} === 0n`));
comparisons(0x51, u64);

one(0x67, (a) => `Math.clz32(${a})`);
one(0x68, (a) => `h.ctz32(${a})`);
one(0x69, (a) => `h.popcnt32(${a})`);
two(0x6a, (a, b) => `(${a} + ${b} | 0)`);
two(0x6b, (a, b) => `(${a} - ${b} | 0)`);
two(0x6c, (a, b) => `Math.imul(${a}, ${b})`);
two(0x6d, (a, b) => `(${a} / h.divisor(${b}) | 0)`);
two(0x6e, (a, b) => `(${u32(a)} / h.divisor(${u32(b)}) | 0)`);
two(0x6f, (a, b) => `(${a} % h.divisor(${b}) | 0)`);
two(0x70, (a, b) => `(${u32(a)} % h.divisor(${u32(b)}) | 0)`);
two(0x71, (a, b) => `(${a} & ${b})`);
two(0x72, (a, b) => `(${a} | ${b})`);
two(0x73, (a, b) => `(${a} ^ ${b})`);
two(0x74, (a, b) => `(${a} << ${b})`);
two(0x75, (a, b) => `(${a} >> ${b})`);
two(0x76, (a, b) => `(${a} >>> ${b} | 0)`);
two(0x77, (a, b) => `(${a} << ${b} | ${a} >>> 32 - (${b} & 31))`);
two(0x78, (a, b) => `(${a} >>> (${b} & 31) | ${a} << 32 - (${b} & 31))`);

one(0x79, (a) => `h.clz64(${a})`);
one(0x7a, (a) => `h.ctz64(${a})`);
one(0x7b, (a) => `h.popcnt64(${a})`);
for (const [code, sign] of [
  [0x7c, '+'],
  [0x7d, '-'],
  [0x7e, '*'],
] as const)
  two(code, (a, b) => s64(`${a} ${sign} ${b}`));
two(0x7f, (a, b) => s64(`${a} / h.divisor64(${b})`));
two(0x80, (a, b) => s64(`${u64(a)} / h.divisor64(${u64(b)})`));
two(0x81, (a, b) => s64(`${a} % h.divisor64(${b})`));
two(0x82, (a, b) => s64(`${u64(a)} % h.divisor64(${u64(b)})`));
two(0x83, (a, b) => `(${a} & ${b})`);
two(0x84, (a, b) => `(${a} | ${b})`);
two(0x85, (a, b) => `(${a} ^ ${b})`);
two(0x86, (a, b) => s64(`${a} << (${b} & 63n)`));
two(0x87, (a, b) => `(${a} >> (${b} & 63n))`);
two(0x88, (a, b) => s64(`${u64(a)} >> (${b} & 63n)`));
two(0x89, (a, b) => `h.rotl64(${a}, ${b})`);
two(0x8a, (a, b) => `h.rotl64(${a}, 64n - (${b} & 63n))`);

one(0xa7, (a) => `Number(BigInt.asIntN(32, ${a}))`);
one(0xac, (a) => `BigInt(${a})`);
one(0xad, (a) => `BigInt(${u32(a)})`);
one(0xc0, (a) => `(${a} << 24 >> 24)`);
one(0xc1, (a) => `(${a} << 16 >> 16)`);
one(0xc2, (a) => `BigInt.asIntN(8, ${a})`);
one(0xc3, (a) => `BigInt.asIntN(16, ${a})`);
one(0xc4, (a) => `BigInt.asIntN(32, ${a})`);

/** The operator of an instruction; `undefined` if it is none. */
export function operatorOf(code: number): Operator | undefined {
  return OPERATORS.get(code);
}

/** What an instruction does to memory. */
export interface MemoryAccess {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly isStore: boolean;
  /** Makes the value of the instruction of what memory has, without a sign; or what memory gets of the value. */
  readonly convert: (value: string) => string;
}

const same = (value: string): string => value;
const toLong = (value: string): string => `BigInt(${value})`;
const toInt = (value: string): string => `Number(BigInt.asIntN(32, ${value}))`;

const ACCESSES: ReadonlyMap<number, MemoryAccess> = new Map<number, MemoryAccess>([
  [0x28, { bytes: 4, isStore: false, convert: same }],
  [0x29, { bytes: 8, isStore: false, convert: same }],
  [0x2c, { bytes: 1, isStore: false, convert: (v) => `(${v} << 24 >> 24)` }],
  [0x2d, { bytes: 1, isStore: false, convert: same }],
  [0x2e, { bytes: 2, isStore: false, convert: (v) => `(${v} << 16 >> 16)` }],
  [0x2f, { bytes: 2, isStore: false, convert: same }],
  [0x30, { bytes: 1, isStore: false, convert: (v) => toLong(`(${v} << 24 >> 24)`) }],
  [0x31, { bytes: 1, isStore: false, convert: toLong }],
  [0x32, { bytes: 2, isStore: false, convert: (v) => toLong(`(${v} << 16 >> 16)`) }],
  [0x33, { bytes: 2, isStore: false, convert: toLong }],
  [0x34, { bytes: 4, isStore: false, convert: toLong }],
  [0x35, { bytes: 4, isStore: false, convert: (v) => toLong(u32(v)) }],
  [0x36, { bytes: 4, isStore: true, convert: same }],
  [0x37, { bytes: 8, isStore: true, convert: same }],
  [0x3a, { bytes: 1, isStore: true, convert: same }],
  [0x3b, { bytes: 2, isStore: true, convert: same }],
  [0x3c, { bytes: 1, isStore: true, convert: toInt }],
  [0x3d, { bytes: 2, isStore: true, convert: toInt }],
  [0x3e, { bytes: 4, isStore: true, convert: toInt }],
]);

/** The access that an instruction makes; `undefined` if it makes none. */
export function accessOf(code: number): MemoryAccess | undefined {
  return ACCESSES.get(code);
}
