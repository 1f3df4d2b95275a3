import { expect } from 'chai';
import { holds } from '../../../lib/cli/kernel-c/condition.ts';

describe('the condition of an #if', () => {
  const defined = new Map([
    ['CONFIG_A', 1],
    ['LEVEL', 3],
  ]);
  const cases: Readonly<Record<string, boolean>> = {
    '1': true,
    '0': false,
    '0x10 == 16': true,
    'defined(CONFIG_A)': true,
    'defined CONFIG_A && !defined(CONFIG_B)': true,
    '!defined(CONFIG_A) || defined(CONFIG_B)': false,
    'IS_ENABLED(CONFIG_A) && LEVEL >= 3': true,
    'IS_ENABLED(CONFIG_B)': false,
    'LEVEL > 3UL': false,
    'LEVEL * 2 + 1 == 7': true,
    '(LEVEL + 1) * 2 == 8': true,
    '1 || 0 && 0': true,
    '-1 < 0': true,
    'LEVEL % 2 != 0 && LEVEL / 2 == 1 && LEVEL - 3 <= 0': true,
    UNKNOWN: false,
    '!UNKNOWN': true,
    '': false,
  };
  for (const [condition, is] of Object.entries(cases))
    it(`${condition === '' ? 'nothing' : condition} is ${String(is)}`, () => {
      expect(holds(condition, defined)).to.equal(is);
    });
});
