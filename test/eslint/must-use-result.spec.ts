import { mustUseResult } from '../../lib/eslint/must-use-result.ts';
import { tester, withForms } from './rule-tester.ts';

const result = [{ messageId: 'result' }];

tester.run('must-use-result', mustUseResult, {
  valid: [
    'cannotFail();',
    'void mayFail();',
    'const got = mayFail(); if (!got.ok) throw new Error();',
    'let got; got = mayFail(); export { got };',
    'export const f = () => mayFail();',
    // No Result: nothing says whether there is an error.
    'declare function f(): { ok: boolean }; f();',
    'declare function f(): { error: string }; f();',
    'export function f<E extends never>(error: E) { failsAs(error); }',
  ].map(withForms),
  invalid: [
    'mayFail();',
    'if (some) mayFail();',
    'some && mayFail();',
    'some ? mayFail() : 0;',
    'declare const f: undefined | typeof mayFail; f?.();',
    'export function f<E extends string>(error: E) { failsAs(error); }',
    'async function f() { return Promise.resolve(mayFail()); } await f();',
  ].map((text) => ({ ...withForms(text), errors: result })),
});
