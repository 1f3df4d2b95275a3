import { hex } from '../../base/units.ts';
import { poolDetail } from '../../kernel/core/pool-detail.ts';
import { siteText } from '../../machine/violation.ts';
import type { End, EndRule, Facts } from './rule.ts';

/** Something is mapped at the end. */
export const leak: EndRule = {
  id: 'leak',
  meaning:
    'A mapping of one task is not released by its end, or one that every context may use by the end of the program.',
  example: 'An error path jumps over kunmap(); each error costs a slot of the pool.',
  judge(end: End): Facts | undefined {
    if (end.program.mayKeepMappings === true) return undefined;
    const held = [...end.machine.live].filter((window) => !end.baseline.has(window));
    const [first] = held;
    if (first === undefined) return forDevices(end);
    const { kind, name } = first.owner.state();
    const own = held.filter(({ owner }) => owner === first.owner).length;
    const others = held.length - own;
    const pool = poolDetail(end.machine, first);
    return {
      what: `${kind} "${name}" still holds ${count(own)} at the end of the program${others > 0 ? `, and other contexts hold ${count(others)}` : ''}`,
      mapping: first.describe(),
      details: pool === undefined ? [] : [pool],
    };
  },
};

function count(mappings: number): string {
  return `${String(mappings)} mapping${mappings > 1 ? 's' : ''}`;
}

function forDevices(end: End): Facts | undefined {
  const held = [...end.machine.deviceOwned.mappings].filter((mapping) => !end.baseline.has(mapping));
  const [first] = held;
  if (first === undefined) return undefined;
  return {
    what: `${String(held.length)} DMA mapping${held.length > 1 ? 's are' : ' is'} live at the end of the program; the first is ${String(first.lengthBytes)} bytes ${first.direction} at ${hex(first.address)}`,
    details:
      first.mappedAt === undefined ? [] : [{ label: 'mapped', text: `at ${siteText(first.mappedAt)}` }],
  };
}
