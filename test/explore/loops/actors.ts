import type { Actor } from '../../../lib/explore/actor.ts';
import { History } from '../../../lib/explore/loops/history.ts';

/** As much of an actor as its turn depends on. */
export function actorOf(index: number, mayStayAway = false): Actor {
  return { index, mayStayAway, history: new History() } as unknown as Actor;
}
