import type { End, EndRule, Facts } from './rule.ts';

/** Something is mapped at the end. */
export const leak: EndRule = {
  id: 'leak',
  meaning: 'A mapping that was made is never released: by the end of its task, or of the program.',
  example: 'An error path jumps over kunmap(); each error costs a slot of the pool.',
  judge(end: End): Facts | undefined {
    if (end.program.mayKeepMappings === true) return undefined;
    const held = [...end.machine.live].filter((window) => !end.baseline.has(window));
    const [first] = held;
    if (first === undefined) return undefined;
    return {
      what: `${String(held.length)} mapping${held.length > 1 ? 's are' : ' is'} live at the end of the program; the first was made by "${first.owner.name}"`,
      mapping: first.describe(),
    };
  },
};
