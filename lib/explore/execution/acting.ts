/**
 * Which part of the program runs, and how what it throws ends the schedule.
 */
import { ConfigError, InvariantError } from '../../base/invariant.ts';
import type { Cpu } from '../../machine/cpu.ts';
import { ViolationError } from '../../machine/violation.ts';
import type { Violation } from '../../machine/violation.ts';
import { GivenUp } from '../actor.ts';
import type { Actor } from '../actor.ts';
import type { Choice } from '../choice.ts';
import type { Program } from '../program.ts';
import { violationOfThrown } from '../violation-of.ts';
import { titleOf } from './cast.ts';
import type { Run } from './run.ts';

/** A step that is taken: by which actor, by which choice, on which CPU. */
export type Step = readonly [actor: Actor, choice: Choice, cpu: Cpu | undefined];

/** What runs, in one schedule after another. */
export class Acting {
  /** The running step, or the last. */
  step: Step | undefined = undefined;
  /** The rule that this schedule broke, if any. */
  violation: Violation | undefined = undefined;
  /** Whether this schedule ends without a verdict. */
  isGivenUp = false;
  /** Why some step could not be explored to its end, if one could not. */
  unexplored: string | undefined = undefined;
  private readonly program: Program;
  #phase: 'setup' | 'check' | 'step' | undefined = undefined;

  constructor(program: Program) {
    this.program = program;
  }

  /** The part of the program that runs now, as a message names it. */
  get running(): string | undefined {
    if (this.#phase !== 'step') return this.#phase;
    return this.step === undefined ? undefined : titleOf(this.program, this.step[0]);
  }

  /** Whether the schedule has ended before its end. */
  get isOver(): boolean {
    return this.violation !== undefined || this.isGivenUp;
  }

  /** Begins a schedule. Mistakes in the set-up are thrown. */
  begin(setUp: () => void): void {
    this.#phase = 'setup';
    this.violation = undefined;
    this.isGivenUp = false;
    setUp();
    this.#phase = undefined;
  }

  /** Runs a part of the program. */
  during(phase: 'check' | 'step', run: Run, work: () => void): void {
    this.#phase = phase;
    this.try(run, work);
    this.#phase = undefined;
  }

  /** Does inside a step what is no part of the program, and may look at the clock. */
  aside<T>(work: () => T): T {
    const phase = this.#phase;
    this.#phase = undefined;
    const done = work();
    this.#phase = phase;
    return done;
  }

  /** Does work that may end the schedule. */
  try(run: Run, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ViolationError) this.violation = error.violation;
      else if (error instanceof GivenUp) {
        this.isGivenUp = true;
        if (error.message !== '') this.unexplored ??= error.message;
      } else if (error instanceof InvariantError || error instanceof ConfigError) throw error;
      else {
        this.violation = violationOfThrown(error, run.machine.executing.state());
        run.observer.recorder?.threw(this.violation);
      }
    }
  }
}
