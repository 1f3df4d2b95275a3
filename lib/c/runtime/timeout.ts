/**
 * The timeout of one context: it may expire at any time after the context began to sleep, as an interrupt that comes when
 * it likes.
 */

/** Its state, which the explorer follows. */
export interface Timeout {
  /** Whether the context waits with it. */
  isArmed: boolean;
  /** Whether the interrupt is still to come, of this wait or of one that ended before. */
  isPending: boolean;
  hasExpired: boolean;
}

/** Where the state of an actor's timeout is kept. Reports leave out what is in a property with such a name. */
export function timeoutKey(actor: string): string {
  return `@${actor}`;
}

/** The name of the interrupt that ends the wait of an actor. */
export function timeoutOf(actor: string): string {
  return `${actor} timeout`;
}
