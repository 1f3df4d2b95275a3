import type { End, EndRule, Facts } from './rule.ts';

/** Memory is lost at the end. */
export const memoryLeak: EndRule = {
  id: 'memory-leak',
  meaning:
    'C code did not free an object or a page, and at the end no variable leads there, neither directly nor through other objects and pages.',
  example: 'The error path after a failed second allocation returns and forgets the first.',
  judge(end: End): Facts | undefined {
    return end.stuck ? undefined : end.machine.hardware.lostMemory?.();
  },
};
