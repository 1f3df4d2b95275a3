/** The arithmetic of the helpers is held against V8 in test/c/wasm/operators.spec.ts. */
import { expect } from 'chai';
import { HELPERS } from '../../../lib/c/runtime/helpers.ts';
import { itInC, reportOf, ruleOf } from '../support.ts';

/** Calls a helper. */
function call(name: string, ...values: readonly unknown[]): unknown {
  const run = HELPERS[name];
  return typeof run === 'function' ? Reflect.apply(run, undefined, values) : undefined;
}

describe('helpers', () => {
  it('refuse a division by zero', () => {
    expect([call('divisor', 3), call('divisor64', -3n)]).to.deep.equal([3, -3n]);
    expect(() => call('divisor', 0)).to.throw('divide error');
    expect(() => call('divisor64', 0n)).to.throw('divide error');
  });

  itInC('call what a pointer leads to, if it is a function of its type', () => {
    const text = (target: string): string => `
static noinline int one(int n) { return n + 1; }
static noinline void other(void) { note("other"); }
int (*volatile pointer)(int) = (void *)${target}; void (*volatile keep)(void) = other;
SECTION(task, probe) { BUG_ON(pointer(1) == 2); }`;
    expect(ruleOf(text('one'))).to.equal('bug-on');
    expect(ruleOf(text('NULL'))).to.equal('null-pointer');
    expect(reportOf(text('0x77'))).to.match(/a call of 0x77, where no function is/);
    expect(reportOf(text('other'))).to.match(/a call by a pointer of another type than the function has/);
  });

  itInC('report a division by zero as an error of the section', () => {
    expect(ruleOf('static volatile int n; SECTION(task, probe) { n = 7 / n; }')).to.equal('exception');
  });
});
