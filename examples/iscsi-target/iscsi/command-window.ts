/**
 * The command window (RFC 7143, section 4.2.2): which CmdSN may come, and commands run in their order.
 */
import { isBefore } from './pdu.ts';

/** Commands that may be under way at a time. */
const WINDOW_DEPTH = 128;

/** The window of one session. */
export class CommandWindow {
  /** The next CmdSN to run. */
  expCmdSN: number;
  /** Commands that began and have not ended. */
  active = 0;
  #maxCmdSN: number;
  readonly #held = new Map<number, () => void>();
  readonly #refused = new Set<number>();

  constructor(firstCmdSN: number) {
    this.expCmdSN = firstCmdSN;
    this.#maxCmdSN = (firstCmdSN + WINDOW_DEPTH - 1) >>> 0;
  }

  /** The last CmdSN that may come. It never goes back. */
  get maxCmdSN(): number {
    const now = (this.expCmdSN + WINDOW_DEPTH - 1 - this.active) >>> 0;
    if (isBefore(this.#maxCmdSN, now)) this.#maxCmdSN = now;
    return this.#maxCmdSN;
  }

  /** Whether commands wait for one with a lower number. */
  get hasGap(): boolean {
    return this.#held.size > 0;
  }

  /** Whether a command with this number may come; others are dropped without an answer. */
  accepts(cmdSN: number): boolean {
    if (this.#refused.has(cmdSN)) return true;
    return !isBefore(cmdSN, this.expCmdSN) && !isBefore(this.maxCmdSN, cmdSN) && !this.#held.has(cmdSN);
  }

  /** Runs a command when its turn comes, which may be at once, and then those that waited for it. */
  run(cmdSN: number, work: () => void): void {
    if (this.#refused.delete(cmdSN)) return work();
    this.#held.set(cmdSN, work);
    for (;;) {
      const next = this.#held.get(this.expCmdSN);
      if (next === undefined) return;
      this.#held.delete(this.expCmdSN);
      this.expCmdSN = (this.expCmdSN + 1) >>> 0;
      next();
    }
  }

  /**
   * The command with this number was rejected. The initiator has to send another one with that number
   * (RFC 7143, section 7.3), which then runs; the commands behind it do not wait, because some initiators
   * never send it.
   */
  refuse(cmdSN: number): void {
    this.run(cmdSN, () => undefined);
    for (const old of this.#refused) {
      if (this.#refused.size < WINDOW_DEPTH) break;
      this.#refused.delete(old);
    }
    this.#refused.add(cmdSN);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#held.clear();
    this.#refused.clear();
  }
}
