/**
 * The second user of a pool: a task that holds several pages of its own at once, through the same backend as the port.
 */
import type { Task } from '../../kernel/core/machine.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Page } from '../../machine/memory.ts';
import type { Mapping } from '../../mapping/mapping.ts';
import type { Bind } from '../column.ts';

/** The name of the task in schedules and reports. */
export const SECOND_USER = 'second user';

/** What the actors share besides what the port's share. */
export interface SecondPages {
  readonly secondPages: readonly Page[];
}

/** What the task is given. */
export interface SecondEnv extends SecondPages {
  readonly task: Task;
  readonly bindBackend: Bind;
}

/** The byte that it writes to its page of a number. */
export function markOf(at: number): number {
  return 0xa0 + (at & 0xf);
}

/**
 * Maps its pages one after the other, so that it holds some while it waits for the next; writes a byte to each; and
 * releases the newest first. If a map fails, it releases what it has and ends, because this is no error of the port.
 * Returns how many pages it has written to.
 */
export function* secondUser({ task, bindBackend, secondPages }: SecondEnv): Sleeping<number> {
  const backend = bindBackend(task);
  const held: Mapping[] = [];
  for (const page of secondPages) {
    const mapped = yield* backend.mapWait(page, 0, 1);
    if (!mapped.ok) break;
    held.push(mapped.value);
    mapped.value.store8(0, markOf(held.length - 1));
  }
  for (const mapping of held.reverse()) backend.unmap(mapping);
  return held.length;
}
