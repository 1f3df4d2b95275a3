/**
 * Decisions inside a step: values that the program chooses, and interrupts that arrive at marked points.
 */
import { configWhole } from '../../base/whole.ts';
import { GivenUp } from '../actor.ts';
import type { InterruptActor } from '../actors/interrupt-actor.ts';
import { CONTINUE, MOST_VALUES, valueChoice, valueOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import type { Cpu } from '../../machine/cpu.ts';
import { STOP } from '../world.ts';

/** The decisions inside the steps of one execution. */
export class InsideStep {
  /** What can be decided now. */
  readonly choices: Choice[] = [];
  /** Whether such a decision is being made. */
  isAsked = false;
  /** Asks the strategy, and adds what it decides to the schedule. */
  private readonly ask: () => Choice;

  constructor(ask: () => Choice) {
    this.ask = ask;
  }

  /** A value below `count`. */
  value(count: number): number {
    configWhole('the number of values to choose from', count, 1, MOST_VALUES);
    this.choices.length = 0;
    for (let value = 0; value < count; value += 1) this.choices.push(valueChoice(value));
    return valueOf(this.#decide());
  }

  /** The interrupt that arrives on a CPU now; `undefined` if none does, or none can. */
  arrival(interrupts: readonly InterruptActor[], cpu: Cpu): Choice | undefined {
    this.choices.length = 0;
    this.choices.push(CONTINUE);
    for (const actor of interrupts) actor.addArrival(cpu, this.choices);
    if (this.choices.length === 1) return undefined;
    const choice = this.#decide();
    return choice === CONTINUE ? undefined : choice;
  }

  #decide(): Choice {
    this.isAsked = true;
    const choice = this.ask();
    this.isAsked = false;
    if (choice === STOP) throw new GivenUp();
    return choice;
  }
}
