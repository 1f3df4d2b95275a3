/**
 * What can be told of the state between two steps: its key, and whether a step may read or change what is not in it.
 */
import type { Actor } from '../actor.ts';
import { Debugger } from '../sight/scopes.ts';
import { Sight } from '../sight/sight.ts';
import type { Run } from './run.ts';

/** What is looked at after each step, in one schedule after another. */
export class Outlook {
  /** Looks for what the program can reach; without it, all that is not followed is taken for seen. */
  sight: Sight | undefined;
  #looksAnew = false;
  /** The state after the last step, if it is known already. */
  #key: number | undefined = undefined;

  constructor(sight: Sight | undefined) {
    this.sight = sight;
  }

  /** Whether it counts for nothing that the same steps were looked at before. */
  get looksAnew(): boolean {
    return this.#looksAnew;
  }

  /** Whether a step may read or change what cannot be followed. */
  get isBlind(): boolean {
    return this.sight?.isBlind === true;
  }

  /** Parts of the machine that the program was seen to read without an event, by count. */
  get partsRead(): number {
    return (this.sight?.partsRead.size ?? 0) + (this.sight?.partsReadAtEnd.size ?? 0);
  }

  /** The state may be another now. */
  forget(): void {
    this.#key = undefined;
  }

  /** Looks whether the step that ended came to reach, or changed, what cannot be followed. */
  look(run: Run, actors: readonly Actor[], followsPlaces: boolean): void {
    if (this.sight === undefined || this.isBlind) return;
    this.#key = run.hashState(actors, followsPlaces);
    run.lookAtObjects();
  }

  /** The key of the state; `undefined` if it does not determine what can happen. */
  keyOf(run: Run, actors: readonly Actor[], followsPlaces: boolean): number | undefined {
    return this.isBlind ? undefined : (this.#key ??= run.hashState(actors, followsPlaces));
  }

  /** Looks from the beginning of a schedule that is run again, for as long as the work takes. */
  fromBeginning(work: () => void): void {
    this.#looksAnew = this.sight === undefined;
    this.sight ??= new Sight(Debugger.shared());
    try {
      work();
    } finally {
      this.#looksAnew = false;
    }
  }
}
