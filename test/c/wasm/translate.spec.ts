/** The translation of whole functions: random C, run by V8's WebAssembly and as translated. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { HELPERS } from '../../../lib/c/runtime/helpers.ts';
import { findTools } from '../../../lib/c/toolchain/tools.ts';
import { LineTable } from '../../../lib/c/wasm/line-table.ts';
import { readModule } from '../../../lib/c/wasm/module.ts';
import { translate } from '../../../lib/c/wasm/translate.ts';
import { itInC } from '../support.ts';
import { byV8, moduleOf } from './assemble.ts';

/** Expressions over a, b (32 bits), q (64 bits), i (of a loop) and an array t of eight on the stack. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      'q',
      '(u32)q',
      '(s32)q',
      'i',
      't[a & 7]',
      't[i & 7]',
      '(s8)t[b & 7]',
      '(u16)t[2]',
    ),
    fc.integer({ min: -40, max: 40 }).map((n) => `(${String(n)})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '&', '|', '^', '<', '>=', '==', '!='),
        tie('expression'),
      )
      .map(([x, op, y]) => `(${x} ${op} ${y})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('<<', '>>'), fc.nat({ max: 31 }))
      .map(([x, op, n]) => `((${x}) ${op} ${String(n)})`),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([x, y]) => `((u32)(${x}) / (((u32)(${y}) & 15) + 1))`),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([x, y]) => `((s64)(${x}) % (((s64)(${y}) & 15) + 3))`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([x, y, z]) => `((${x}) ? (${y}) : (${z}))`),
    fc
      .tuple(fc.constantFrom('u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64'), tie('expression'))
      .map(([type, x]) => `((${type})(${x}))`),
    fc.tuple(fc.constantFrom('twice', 'mixed'), tie('expression')).map(([name, x]) => `${name}(${x})`),
    tie('expression').map((x) => `ops[(${x}) & 1](3)`),
  ),
}));

const statement = fc.oneof(
  fc.tuple(fc.nat({ max: 7 }), expression).map(([n, x]) => `t[${String(n)}] = ${x};`),
  expression.map((x) => `q += ${x};`),
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), expression)
    .map(
      ([n, x]) =>
        `for (i = 0; i < ${String(n)}; i++) { if ((${x}) == 7) continue; q ^= t[i & 7] + i; if (q == 9) break; }`,
    ),
  fc
    .tuple(expression, expression, expression)
    .map(
      ([x, y, z]) =>
        `switch ((u32)(${x}) % 5) { case 0: q++; break; case 1: t[1] = ${y}; case 2: q -= 3; break; case 4: q = ${z}; break; default: t[a & 7]--; }`,
    ),
  expression.map((x) => `do { b = (b >> 1) & 0xff; q += ${x}; } while (b > 3);`),
  expression.map((x) => `if (${x}) return q * 5 + t[0];`),
);

const body = fc.array(statement, { minLength: 1, maxLength: 6 });

const HEAD = `typedef unsigned char u8; typedef signed char s8; typedef unsigned short u16; typedef short s16;
typedef unsigned int u32; typedef int s32; typedef unsigned long long u64; typedef long long s64;
__attribute__((noinline)) static s32 twice(s32 n) { return 2 * n; }
__attribute__((noinline)) static s64 mixed(s64 n) { u8 s[16]; volatile u8 *at = s; int i; for (i = 0; i < 16; i++) at[i] = n >> i; return at[n & 15] * n; }
static s32 half(s32 n) { return n / 2; }
s32 (*const volatile ops[2])(s32) = { twice, half };
`;

/** One C file of functions `f0`, `f1`, … with these bodies, compiled as the library does, but to low addresses. */
function compileAll(bodies: readonly (readonly string[])[]): Uint8Array {
  const { clang, linker } = findTools();
  const folder = mkdtempSync(join(tmpdir(), 'scatterlist-translate-'));
  const at = (name: string): string => join(folder, name);
  try {
    const functions = bodies.map(
      (
        lines,
        n,
      ) => `__attribute__((export_name("f${String(n)}"))) s64 f${String(n)}(u32 a, s32 b, s64 q) { s32 i = 0; s32 t[8] = { a, b, (s32)q, 4, 5, 6, 7, 8 }; volatile s32 *keep = t; (void)keep[a & 7];
${lines.join('\n')}
return q + t[a & 7] + i; }`,
    );
    writeFileSync(at('all.c'), HEAD + functions.join('\n'));
    const flags = [
      '--target=wasm32',
      '-mcpu=mvp',
      '-O1',
      '-fwrapv',
      '-fno-builtin',
      '-ffreestanding',
      '-c',
      '-w',
    ];
    const link = ['--no-entry', '--import-memory', '--no-check-features', '-z', 'stack-size=4096'];
    for (const [tool, args] of [
      [clang, [...flags, '-o', at('all.o'), at('all.c')]],
      [linker, [...link, '-o', at('all.wasm'), at('all.o')]],
    ] as const) {
      const done = spawnSync(tool, [...args], { encoding: 'utf8' });
      if (done.status !== 0) throw new Error(done.stderr);
    }
    return readFileSync(at('all.wasm'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MEMORY_BYTES = 2 ** 17;

/** The exported functions as translated: all memory counts as the own stack, which is accessed at once. */
function translated(wasm: Uint8Array): (name: string, a: number, b: number, q: bigint) => unknown {
  const module = readModule(wasm);
  const { code, signatures } = translate(module, new LineTable(undefined));
  const view = new DataView(new ArrayBuffer(MEMORY_BYTES));
  for (const { address, bytes } of module.data) new Uint8Array(view.buffer).set(bytes, address);
  const made: unknown = Reflect.apply(compileFunction(code, ['h', 'k']), undefined, [
    {
      ...HELPERS,
      pointed: (_: unknown, pointer: number, signature: string): unknown => {
        const index = module.table.get(pointer) ?? -1;
        if (signatures[index] !== signature) throw new Error('a call of another type');
        return Array.isArray(made) ? made[index] : undefined;
      },
    },
    [],
  ]);
  return (name, a, b, q) => {
    const runner = { lo: 0, own: MEMORY_BYTES, size: MEMORY_BYTES, sp: module.globals[0] ?? 0, view };
    const run: unknown = Array.isArray(made) ? made[module.exports.get(name) ?? -1] : undefined;
    if (typeof run !== 'function') throw new Error(`no function ${name}`);
    const steps: unknown = Reflect.apply(run, undefined, [runner, a | 0, b, q]);
    if (typeof steps !== 'object' || steps === null || !('next' in steps) || typeof steps.next !== 'function')
      throw new Error('no generator');
    const end: unknown = Reflect.apply(steps.next, steps, []);
    expect(runner.sp, 'the stack is as before').to.equal(module.globals[0] ?? 0);
    return typeof end === 'object' && end !== null && 'value' in end ? end.value : undefined;
  };
}

const FUNCTIONS = 60;

describe('translate', () => {
  itInC('makes functions that do what V8 makes of them', function (this: Mocha.Context) {
    this.timeout(120_000);
    const numbers = fc.array(
      fc.tuple(fc.integer(), fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      { minLength: 5, maxLength: 20 },
    );
    const many = fc.array(body, { minLength: FUNCTIONS, maxLength: FUNCTIONS });
    fc.assert(
      fc.property(many, numbers, (bodies, inputs) => {
        const wasm = compileAll(bodies);
        const [wanted, got] = [byV8(wasm, MEMORY_BYTES / 65536), translated(wasm)];
        for (const [n, lines] of bodies.entries())
          for (const [a, b, q] of inputs)
            expect(got(`f${String(n)}`, a, b, q), `${lines.join(' ')} of ${String([a, b, q])}`).to.equal(
              wanted(`f${String(n)}`, a, b, q),
            );
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it('stops before each access to what is not the own stack, and tells what it will touch', () => {
    // f(address) = load8(address + 3)
    const module = readModule(moduleOf(['i32'], 'i32', [0x20, 0, 0x2d, 0, 3]));
    const { code, places } = translate(module, new LineTable(undefined));
    const asked: unknown[] = [];
    const helpers = {
      ask: (_: unknown, ...what: readonly unknown[]) => void asked.push(what),
      load1: (_: unknown, address: number) => address * 2,
    };
    const made: unknown = Reflect.apply(compileFunction(code, ['h', 'k']), undefined, [helpers, []]);
    const view = new DataView(new ArrayBuffer(16));
    view.setUint8(7, 42);
    const run: unknown = Array.isArray(made) ? made[0] : undefined;
    if (typeof run !== 'function') throw new Error('no function');
    const of = (address: number): readonly unknown[] => [
      ...collect(Reflect.apply(run, undefined, [{ lo: 100, own: 16, size: 16, sp: 116, view }, address])),
    ];
    expect(of(104)).to.deep.equal([42]);
    expect(asked).to.deep.equal([]);
    expect(of(200)).to.deep.equal(['stop', 406]);
    expect(of(113), 'the last byte of the stack is at 115').to.deep.equal(['stop', 232]);
    expect(asked).to.deep.equal([
      [203, 1, false],
      [116, 1, false],
    ]);
    expect(places).to.have.lengthOf(code.split('\n').length);
  });

  it('refuses floating point with the name of the function', () => {
    const floating = readModule(moduleOf(['i32'], 'i32', [0x20, 0, 0xb2, 0xa8]));
    expect(() => translate(floating, new LineTable(undefined))).to.throw(/f0: floating point/);
  });
});

/** What a generator returns, behind `stop` for each stop. */
function* collect(steps: unknown): Generator<unknown> {
  if (typeof steps !== 'object' || steps === null || !('next' in steps) || typeof steps.next !== 'function')
    throw new Error('no generator');
  for (;;) {
    const next: unknown = Reflect.apply(steps.next, steps, []);
    if (typeof next !== 'object' || next === null || !('done' in next && 'value' in next)) return;
    if (next.done === true) {
      yield next.value;
      return;
    }
    yield 'stop';
  }
}
