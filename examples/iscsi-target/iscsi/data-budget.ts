/**
 * Room for the data of writes under way. Half of it is shared. The other half is divided among the greatest possible
 * number of sessions, so that each session has some room even if another session uses all that is shared.
 */
import { PAGE_BYTES } from '../store/provisioning.ts';
import type { Limits } from './limits.ts';

/** All the room there is. */
export class DataBudget {
  /** Bytes that every session can have, even if other sessions use as much as they can. */
  readonly ownBytes: number;
  /** Bytes that one session can have at most. */
  readonly mostBytes: number;
  heldBytes = 0;
  readonly #sharedBytes: number;
  #sharedHeld = 0;

  constructor({ dataBytes, sessionDataBytes, maxSessions }: Limits) {
    const own = Math.floor(dataBytes / 2 / maxSessions);
    this.ownBytes = Math.max(own - (own % PAGE_BYTES), PAGE_BYTES);
    this.#sharedBytes = Math.max(dataBytes - this.ownBytes * maxSessions, 0);
    const most = Math.min(sessionDataBytes, this.ownBytes + this.#sharedBytes);
    this.mostBytes = most - (most % PAGE_BYTES);
  }

  /** Whether a session that holds `before` bytes may hold `after`; if so, counts them. */
  move(before: number, after: number): boolean {
    const shared = Math.max(after - this.ownBytes, 0) - Math.max(before - this.ownBytes, 0);
    if (after > before && (after > this.mostBytes || this.#sharedHeld + shared > this.#sharedBytes))
      return false;
    this.#sharedHeld += shared;
    this.heldBytes += after - before;
    return true;
  }
}

/** The room that one session holds. */
export class SessionBudget {
  heldBytes = 0;
  readonly #budget: DataBudget;

  constructor(budget: DataBudget) {
    this.#budget = budget;
  }

  /** Takes room for the data of a command; returns false if there is none. */
  take(lengthBytes: number): boolean {
    return this.#move(this.heldBytes + inPages(lengthBytes));
  }

  /** Gives room back. */
  give(lengthBytes: number): void {
    this.#move(this.heldBytes - inPages(lengthBytes));
  }

  #move(bytes: number): boolean {
    if (!this.#budget.move(this.heldBytes, bytes)) return false;
    this.heldBytes = bytes;
    return true;
  }
}

function inPages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
