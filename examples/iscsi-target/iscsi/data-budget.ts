/**
 * Room for the data of writes under way. Half of it is shared; of the other half every session there may
 * be has a part of its own, so that no session can leave another without room.
 */
import { PAGE_BYTES } from '../store/provisioning.ts';
import type { Limits } from './limits.ts';

/** All the room there is. */
export class DataBudget {
  /** Bytes that every session can have whatever the others do. */
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

  /** Whether a session that holds `before` bytes may hold `after`; counts them where it may. */
  move(before: number, after: number): boolean {
    const shared = Math.max(after - this.ownBytes, 0) - Math.max(before - this.ownBytes, 0);
    if (after > before && (after > this.mostBytes || this.#sharedHeld + shared > this.#sharedBytes))
      return false;
    this.#sharedHeld += shared;
    this.heldBytes += after - before;
    return true;
  }
}

/** What one session has of it. */
export class SessionBudget {
  heldBytes = 0;
  readonly #budget: DataBudget;

  constructor(budget: DataBudget) {
    this.#budget = budget;
  }

  /** Takes room for the data of a command; false where there is none. */
  take(lengthBytes: number): boolean {
    return this.#move(this.heldBytes + inPages(lengthBytes));
  }

  /** Gives it back. */
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
