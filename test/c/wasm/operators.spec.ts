import { expect } from 'chai';
import fc from 'fast-check';
import { HELPERS } from '../../../lib/c/runtime/helpers.ts';
import { accessOf, operatorOf } from '../../../lib/c/wasm/operators.ts';
import { byV8, moduleOf } from './assemble.ts';

type Type = 'i32' | 'i64';

/** The types of the operands of an instruction, and of its result. */
function typesOf(code: number): { readonly operand: Type; readonly result: Type } {
  if (code === 0xa7) return { operand: 'i64', result: 'i32' };
  if (code === 0xac || code === 0xad) return { operand: 'i32', result: 'i64' };
  if (code <= 0x4f) return { operand: 'i32', result: 'i32' };
  if (code <= 0x5a) return { operand: 'i64', result: 'i32' };
  const is32 = (code >= 0x67 && code <= 0x78) || code === 0xc0 || code === 0xc1;
  return is32 ? { operand: 'i32', result: 'i32' } : { operand: 'i64', result: 'i64' };
}

const VALUES = {
  i32: fc.oneof(fc.constantFrom(0, 1, -1, 31, 32, -(2 ** 31), 2 ** 31 - 1), fc.integer()),
  i64: fc.oneof(
    fc.constantFrom(0n, 1n, -1n, 63n, 64n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 32n),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ),
} as const;

const CODES = Array.from({ length: 256 }, (_, code) => code).filter((code) => operatorOf(code) !== undefined);

describe('operators', () => {
  it('are all that integers have', () => {
    // 15 tests of 32 and of 64 bits less the two of floating point; 18 operations of each; 3 conversions, 5 extensions.
    expect(CODES).to.have.lengthOf(11 + 11 + 18 + 18 + 3 + 5);
    expect([0x5b, 0x92, 0xa8, 0xbf].map(operatorOf)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  for (const code of CODES)
    it(`0x${code.toString(16)} does what V8 does`, () => {
      const operator = operatorOf(code);
      if (operator === undefined) throw new Error('no operator');
      const { operand, result } = typesOf(code);
      const params = Array.from({ length: operator.operands }, () => operand);
      const expected = byV8(moduleOf(params, result, [...params.flatMap((_, i) => [0x20, i]), code]));
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a translated expression is a text
      const run: unknown = new Function('h', 'a', 'b', `return ${operator.text('a', 'b')};`);
      if (typeof run !== 'function') throw new Error('no function');
      /** What a function gives, or that it threw. */
      const of = (work: () => unknown): unknown => {
        try {
          return work();
        } catch {
          return 'threw';
        }
      };
      fc.assert(
        fc.property(VALUES[operand], VALUES[operand], (a, b) => {
          const values = [a, b].slice(0, operator.operands);
          const wanted = of(() => expected('f', ...values));
          const got = of(() => Reflect.apply(run, undefined, [HELPERS, ...values]));
          // Of a division that overflows hardware traps; C leaves it open.
          if (wanted === 'threw' && b !== 0 && b !== 0n) return;
          expect(got).to.equal(wanted);
        }),
        { numRuns: 300 },
      );
    });
});

describe('accesses', () => {
  it('have their width and direction', () => {
    expect(accessOf(0x28)).to.include({ bytes: 4, isStore: false });
    expect(accessOf(0x37)).to.include({ bytes: 8, isStore: true });
    expect(accessOf(0x3a)).to.include({ bytes: 1, isStore: true });
    expect([0x2a, 0x2b, 0x38, 0x39, 0x6a].map(accessOf)).to.deep.equal(Array(5).fill(undefined));
  });

  it('convert between memory and values with and without a sign', () => {
    const convert = (code: number, value: unknown): unknown => {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a translated expression is a text
      const run: unknown = new Function('v', `return ${accessOf(code)?.convert('v') ?? ''};`);
      return typeof run === 'function' ? Reflect.apply(run, undefined, [value]) : undefined;
    };
    expect(convert(0x2c, 0x80)).to.equal(-128);
    expect(convert(0x2d, 0x80)).to.equal(128);
    expect(convert(0x2e, 0x8001)).to.equal(-32767);
    expect(convert(0x30, 0xff)).to.equal(-1n);
    expect(convert(0x31, 0xff)).to.equal(255n);
    expect(convert(0x34, -5)).to.equal(-5n);
    expect(convert(0x35, -5)).to.equal(2n ** 32n - 5n);
    expect(convert(0x3e, 2n ** 40n - 2n)).to.equal(-2);
  });
});
