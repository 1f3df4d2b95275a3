/**
 * Holds a state and says when it is replaced.
 */

/** A state, and who is told of a new one. */
export class Store<S extends object> {
  private current: S;
  private readonly onChange: (state: S) => void;
  private isAnnounced = false;

  constructor(initial: S, onChange: (state: S) => void) {
    this.current = initial;
    this.onChange = onChange;
  }

  get state(): S {
    return this.current;
  }

  /** Replaces some properties. Changes that follow at once are announced together. */
  set(changes: Partial<S>): void {
    this.current = { ...this.current, ...changes };
    if (this.isAnnounced) return;
    this.isAnnounced = true;
    queueMicrotask(() => {
      this.isAnnounced = false;
      this.onChange(this.current);
    });
  }
}
