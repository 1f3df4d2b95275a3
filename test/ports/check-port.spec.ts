import { expect } from 'chai';
import { definePort, observe } from 'scatterlist/ports';
import type { PortSpec } from 'scatterlist/ports';
import { CONTENT } from './page-port.ts';

const GOOD: PortSpec<object> = {
  name: 'x',
  follows: 'no file',
  about: 'nothing to move',
  memory: ['lowmem'],
  setup: () => ({}),
  variants: {
    original: {
      about: 'a',
      linux: 'none',
      tasks: {
        *idle() {
          yield;
        },
      },
    },
  },
  verify: () => ({ verifiedBytes: 3 }),
};

function withTask(copy: () => unknown): object {
  return { variants: { original: { about: 'a', linux: 'b', tasks: { copy } } } };
}

describe('a port that cannot be used', () => {
  const refused: readonly (readonly [string, object, string])[] = [
    ['an unknown key', { varients: {} }, "a port has no option 'varients'"],
    ['no name', { name: undefined }, 'name of a port is undefined; it must be a string'],
    ['an empty name', { name: ' ' }, "name of a port is ' '; it must not be empty"],
    [
      'a name with a line end',
      { name: 'a\nb' },
      "name of a port is 'a\\nb'; it must be one line without control characters",
    ],
    [
      'a name that colours the terminal',
      { name: '\u001b[31mred' },
      "name of a port is '\\x1b[31mred'; it must be one line without control characters",
    ],
    [
      'memory that does not exist',
      { memory: ['himem'] },
      `memory of port "x" is 'himem'; it must be 'lowmem' or`,
    ],
    ['memory that is no list', { memory: {} }, 'memory of port "x" is no list of kinds of memory'],
    ['the same memory twice', { memory: ['lowmem', 'lowmem'] }, 'memory of port "x" names lowmem twice'],
    [
      'a variant without an actor',
      { variants: { original: { about: 'a', linux: 'b', tasks: {} } } },
      'variant "original" of port "x" has no task, no interrupt and no device',
    ],
    [
      'a task that is no function',
      { variants: { original: { about: 'a', linux: 'b', tasks: { copy: 'x' } } } },
      `task "copy" of variant "original" of port "x" is 'x'; it must be a function`,
    ],
    ['no memory', { memory: [] }, 'port "x" names no kind of memory'],
    ['no variant', { variants: {} }, 'port "x" has no variant'],
    ['no setup', { setup: 5 }, 'setup is 5; it must be a function'],
    ['no check', { verify: undefined }, 'verify of port "x" is undefined; it must be a function'],
    [
      'a variant without a history',
      { variants: { original: { about: 'a', tasks: {} } } },
      'linux of variant "original" of port "x" is undefined; it must be a string',
    ],
    [
      'a misspelt key of a variant',
      { variants: { original: { about: 'a', linux: 'b', tasks: {}, task: {} } } },
      'variant "original" of port "x" has no option \'task\'',
    ],
  ];
  for (const [what, change, message] of refused)
    it(`refuses ${what}`, () => {
      const spec: PortSpec<object> = Object.assign({ ...GOOD }, change);
      expect(() => definePort(spec)).to.throw(message);
    });

  const useless: readonly (readonly [string, object, string])[] = [
    ['an async setup', { setup: () => Promise.resolve({}) }, 'setup of port "x" returned a promise'],
    ['no set-up', { setup: () => undefined }, 'what setup of port "x" returned is undefined'],
    [
      'an async check, whose failure would be lost',
      { verify: () => Promise.resolve({ verifiedBytes: 3 }) },
      'verify of port "x" returned a promise',
    ],
    [
      'a check without a result',
      { verify: () => undefined },
      'what verify of port "x" returned is undefined',
    ],
    ['a check that counts no bytes', { verify: () => ({}) }, 'verifiedBytes of port "x" is undefined'],
    ['a check of no byte', { verify: () => ({ verifiedBytes: 0 }) }, 'verifiedBytes of port "x" is 0'],
    ['less than no byte', { verify: () => ({ verifiedBytes: -1 }) }, 'verifiedBytes of port "x" is -1'],
    ['a part of a byte', { verify: () => ({ verifiedBytes: 0.5 }) }, 'verifiedBytes of port "x" is 0.5'],
    [
      'a plain function as a task',
      withTask(() => undefined),
      'task "copy" of port "x" is no generator function',
    ],
    ['an async task', withTask(() => Promise.resolve()), 'task "copy" of port "x" returned a promise'],
    [
      'an async generator as a task',
      withTask(async function* () {
        yield await Promise.resolve();
      }),
      'task "copy" of port "x" is no generator function',
    ],
    [
      'an async handler',
      {
        variants: {
          original: {
            about: 'a',
            linux: 'b',
            tasks: {},
            interrupts: { irq: { kind: 'hardirq', run: () => Promise.resolve() } },
          },
        },
      },
      'interrupt "irq" of port "x" returned a promise',
    ],
  ];
  for (const [what, change, message] of useless)
    it(`refuses to run with ${what}`, async () => {
      const spec: PortSpec<object> = Object.assign({ ...GOOD }, change);
      const loaded = await definePort(spec).load({ name: 'test', content: CONTENT.subarray(0, 3) });
      expect(() => observe(loaded, 'original', 'lowmem')).to.throw(message);
    });
});
