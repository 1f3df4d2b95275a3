import { blockedTasks, findCycle } from './waits-for.ts';
import type { Blocked } from './waits-for.ts';
import type { End, EndRule, Facts } from './rule.ts';

/** Tasks wait for each other, or for a wake-up that will never come. */
export const deadlock: EndRule = {
  id: 'deadlock',
  meaning:
    'No task, interrupt or device can take a step, and a task has not ended. The report names the tasks that wait for each other.',
  example: 'Two tasks each map two pages of a vector with kmap() in a pool of three slots.',
  judge(end: End): Facts | undefined {
    if (!end.stuck) return undefined;
    const blocked = blockedTasks(end);
    const cycle = findCycle(blocked);
    const [first] = cycle.length > 0 ? cycle : blocked;
    if (first === undefined) {
      return { what: `${names(end)} can never run: the CPU was left with preemption or interrupts disabled` };
    }
    const inCircle = cycle.map(({ task }) => `"${task.name}"`).join(' → ');
    const what =
      cycle.length > 1
        ? `${inCircle} → "${first.task.name}": each waits for what the next one holds`
        : `"${first.task.name}" waits for ${first.queue.name} and nobody is left to give it`;
    return {
      what,
      context: first.task.state(),
      details: [
        ...blocked.map((one) => ({ label: one.task.name, text: describe(end, one) })),
        ...(blocked.some(({ queue }) => queue.name.startsWith('kmap pool'))
          ? [end.machine.pkmap.dump()]
          : []),
      ],
    };
  },
};

function names(end: End): string {
  return end.tasks
    .filter(({ done }) => !done)
    .map(({ name }) => `"${name}"`)
    .join(', ');
}

function describe(end: End, { task, queue, holders }: Blocked): string {
  const held = [...end.machine.live].filter((window) => window.owner === task).map((w) => w.mechanism);
  const by =
    holders.length === 0 ? 'nobody' : [...new Set(holders.map(({ name }) => `"${name}"`))].join(', ');
  const holds =
    held.length === 0 ? '' : `; holds ${String(held.length)} mappings (${[...new Set(held)].join(', ')})`;
  return `waits for ${queue.name}, held by ${by}${holds}`;
}
