import { blockedTasks, contextOf, findCycle } from './waits-for.ts';
import type { Blocked, Party } from './waits-for.ts';
import { locksOf } from '../../kernel/locking/lock.ts';
import { DeviceWaiter } from '../../kernel/parts/device-waiter.ts';
import type { Context } from '../../kernel/core/machine.ts';
import type { Detail } from '../../machine/violation.ts';
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
    const [first] = cycle.length > 0 ? cycle : blocked.filter(({ isIdle }) => isIdle !== true);
    if (first === undefined) {
      return { what: `${names(end)} can never run: the CPU was left with preemption or interrupts disabled` };
    }
    const inCircle = cycle.map(({ task }) => `"${task.name}"`).join(' → ');
    const what =
      cycle.length > 1
        ? `${inCircle} → "${first.task.name}": each waits for what the next one holds`
        : `"${first.task.name}" waits for ${first.queue.name} and no actor is left to release it`;
    return {
      what,
      context: contextOf(first.task),
      details: [...waiters(end, blocked), ...absent(end)],
    };
  },
};

function names(end: End): string {
  return end.actors
    .filter(({ isUnfinished }) => isUnfinished)
    .map(({ name }) => `"${name}"`)
    .join(', ');
}

/** Every waiter: what it waits for, who holds or owes it, and what the waiter holds itself. */
export function waiters(end: End, blocked: readonly Blocked[]): readonly Detail[] {
  return [
    ...blocked.flatMap((one) => [
      { label: one.task.name, text: describe(end, one) },
      ...holdings(end, one.task).map((text) => ({ label: one.task.name, text })),
    ]),
    ...(blocked.some(({ queue }) => queue.name.startsWith('kmap pool')) ? [pool(end)] : []),
  ];
}

/** Interrupts that could still arrive, and need not. */
function absent({ actors }: End): readonly Detail[] {
  return actors.flatMap((actor) => {
    const choices: number[] = [];
    if (actor.mayStayAway) actor.addChoices(choices);
    return choices.length === 0 ? [] : [{ label: actor.name, text: 'could still arrive, and need not' }];
  });
}

function pool({ machine: { pkmap } }: End): Detail {
  const { label, text } = pkmap.dump();
  const slots = pkmap.counts.length;
  return { label, text: `${String(slots - pkmap.slotsInUse)} of ${String(slots)} slots free\n${text}` };
}

function describe(end: End, { queue, holders, owers = [] }: Blocked): string {
  const owed =
    owers.length === 0
      ? ''
      : `, owed by ${owers.map((ower) => `"${ower.name}"${hasEnded(end, ower)}`).join(', ')}`;
  if (holders.length === 0)
    return owed === '' ? `waits for ${queue.name}, which no actor holds` : `waits for ${queue.name}${owed}`;
  return `waits for ${queue.name}, held by ${quoted(holders)}${owed}`;
}

function hasEnded(end: End, context: Party): string {
  return end.tasks.some(({ task, done }) => task === context && done) ? ', which has ended' : '';
}

function quoted(contexts: readonly Context[]): string {
  return [...new Set(contexts.map(({ name }) => `"${name}"`))].join(', ');
}

function holdings(end: End, context: Party): readonly string[] {
  if (context instanceof DeviceWaiter) return [];
  const locks = locksOf(context).map(({ name }) => name);
  const mappings = [...end.machine.live].filter((window) => window.owner === context);
  const mechanisms = [...new Set(mappings.map(({ mechanism }) => mechanism))];
  const maps = mechanisms.map((mechanism) => {
    const windows = mappings.filter((window) => window.mechanism === mechanism);
    const slots = windows.map(({ slot }) => slot).filter((slot) => slot >= 0);
    const where = slots.length === 0 ? '' : `, slot ${slots.join(', ')}`;
    return `${String(windows.length)} mapping${windows.length > 1 ? 's' : ''} (${mechanism}${where})`;
  });
  const all = [...locks, ...maps];
  return all.length === 0 ? [] : [`holds ${all.join('; ')}`];
}
