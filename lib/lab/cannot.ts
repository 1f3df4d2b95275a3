/**
 * What cannot be done or written with a design, and why.
 */

/** The reason why there is no call site, or no wrong program. */
export class Cannot {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Says that a design cannot do a job, or that a mistake cannot be written with it, and why. The table shows the reason.
 *
 * @linux none
 */
export function cannot(reason: string): Cannot {
  return new Cannot(reason);
}
