import { hex } from '../../base/units.ts';
import type { End, EndRule, Facts } from './rule.ts';

/** Something is mapped at the end. */
export const leak: EndRule = {
  id: 'leak',
  meaning: 'A mapping is not released by the end of its task or of the program.',
  example: 'An error path jumps over kunmap(); each error costs a slot of the pool.',
  judge(end: End): Facts | undefined {
    if (end.program.mayKeepMappings === true) return undefined;
    const held = [...end.machine.live].filter((window) => !end.baseline.has(window));
    const [first] = held;
    if (first === undefined) return forDevices(end);
    return {
      what: `${String(held.length)} mapping${held.length > 1 ? 's are' : ' is'} live at the end of the program; the first was made by "${first.owner.name}"`,
      mapping: first.describe(),
    };
  },
};

function forDevices(end: End): Facts | undefined {
  const held = [...end.machine.deviceOwned.mappings].filter((mapping) => !end.baseline.has(mapping));
  const [first] = held;
  if (first === undefined) return undefined;
  return {
    what: `${String(held.length)} DMA mapping${held.length > 1 ? 's are' : ' is'} live at the end of the program; the first is ${String(first.lengthBytes)} bytes ${first.direction} at ${hex(first.address)}`,
  };
}
