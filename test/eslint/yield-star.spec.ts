import { yieldStar } from '../../lib/eslint/yield-star.ts';
import { tester, withForms } from './rule-tester.ts';

/** In a task of a program. */
function inTask(text: string): string {
  return `export function* body() { ${text} }`;
}

tester.run('yield-star', yieldStar, {
  valid: [
    inTask('yield* down();'),
    inTask('yield;'),
    inTask('const waiting = down(); yield* waiting;'),
    inTask('if (some) yield;'),
    '[...down()];',
    'export const wait = () => down();',
    'let made; made = down(); export { made };',
    // Whether there is one.
    'declare const maybe: Generator | undefined; if (maybe) maybe.next(); export const n = maybe ? 1 : 2;',
    'declare const both: Generator | undefined; export const it = both ?? down();',
    'await Promise.resolve(1);',
  ].map(withForms),
  invalid: [
    [inTask('down(); yield;'), 'dropped'],
    [inTask('if (some) down(); yield;'), 'dropped'],
    ['async function* f() { yield 1; } f();', 'dropped'],
    [inTask('yield down();'), 'yielded'],
    ['await down();', 'awaited'],
    [inTask('if (down()) yield;'), 'tested'],
    [inTask('while (!down()) yield;'), 'tested'],
    [inTask('do yield; while (down());'), 'tested'],
    [inTask('for (; down(); ) yield;'), 'tested'],
    ['export const n = down() ? 1 : 2;', 'tested'],
    ['export const n = down() && 1;', 'tested'],
  ].map(([text = '', messageId = '']) => ({ ...withForms(text), errors: [{ messageId }] })),
});
