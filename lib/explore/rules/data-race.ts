import type { End, EndRule, Facts } from './rule.ts';

/** Accesses that nothing orders. */
export const dataRace: EndRule = {
  id: 'data-race',
  meaning: 'Two contexts touch the same bytes, one of them writing, with no lock or wake-up between them.',
  example: 'Two tasks add one to a counter through local maps, which no longer disable preemption.',
  judge(_end: End): Facts | undefined {
    return undefined;
  },
};
