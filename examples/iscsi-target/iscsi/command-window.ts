/**
 * The command window (RFC 7143, section 4.2.2): which CmdSN is accepted, and the order in which commands run.
 */
import { isBefore } from './pdu.ts';

/** The most commands that may be under way at a time. */
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

  /** The last CmdSN that is accepted. It never decreases. */
  get maxCmdSN(): number {
    const now = (this.expCmdSN + WINDOW_DEPTH - 1 - this.active) >>> 0;
    if (isBefore(this.#maxCmdSN, now)) this.#maxCmdSN = now;
    return this.#maxCmdSN;
  }

  /** Whether commands wait for one with a lower number. */
  get hasGap(): boolean {
    return this.#held.size > 0;
  }

  /** Whether a command with this number is accepted; others are dropped without a response. */
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

  /** Drops the commands that wait. */
  clear(): void {
    this.#held.clear();
    this.#refused.clear();
  }
}
