/**
 * One decision of a schedule, as a number, and schedules as text.
 *
 * `3`: actor 3 takes a step. `3@1`: actor 3 moves to CPU 1 (a task), or arrives there (an interrupt).
 * `_`: at a marked point inside a function, no interrupt arrives. `end`: the interrupts that may stay away do so.
 */
import { ConfigError } from '../base/invariant.ts';

/** An actor's number, with a CPU where the decision names one; or `CONTINUE`. */
export type Choice = number;

/** At a marked point: nothing arrives, the function goes on. */
export const CONTINUE: Choice = -1;

/** More actors than any program can explore. */
const ACTORS = 1024;

/** All that could still happen are interrupts that need not come: the schedule ends without them. */
export const END: Choice = ACTORS - 1 + ACTORS * 2 ** 20;

/** The most values among which a program can choose at once. */
export const MOST_VALUES = 1000;
/** Choices of values count down from here. */
const FIRST_VALUE = -3;

/** The choice of a value, by a program that asks for one. */
export function valueChoice(value: number): Choice {
  return FIRST_VALUE - value;
}

/** The value of a choice. */
export function valueOf(choice: Choice): number {
  return FIRST_VALUE - choice;
}

/** Whether a choice is made inside a step: of a value, or that a step goes on. */
export function isInner(choice: Choice): boolean {
  return choice < 0;
}

/** The choice that an actor acts on a CPU named by the scheduler. */
export function onCpu(actor: number, cpu: number): Choice {
  return actor + ACTORS * (cpu + 1);
}

/** The actor of a choice. */
export function actorOf(choice: Choice): number {
  return choice % ACTORS;
}

/** The CPU that a choice names, or -1. */
export function cpuOf(choice: Choice): number {
  return Math.floor(choice / ACTORS) - 1;
}

/** Writes a schedule as one word: `0.0.1.2@1._.=3`. */
export function formatSchedule(schedule: readonly Choice[]): string {
  return schedule.map(formatChoice).join('.');
}

function formatChoice(choice: Choice): string {
  if (choice === CONTINUE) return '_';
  if (choice === END) return 'end';
  if (choice <= FIRST_VALUE) return `=${String(valueOf(choice))}`;
  const cpu = cpuOf(choice);
  return cpu < 0 ? String(choice) : `${String(actorOf(choice))}@${String(cpu)}`;
}

/** Reads what `formatSchedule` wrote. */
export function parseSchedule(text: string): readonly Choice[] {
  if (text === '') return [];
  return text.split('.').map((word) => {
    if (word === '_') return CONTINUE;
    if (word === 'end') return END;
    if (/^=\d{1,3}$/.test(word)) return valueChoice(Number(word.slice(1)));
    const match = /^(\d{1,4})(?:@(\d{1,3}))?$/.exec(word);
    const actor = Number(match?.[1] ?? ACTORS);
    if (actor >= ACTORS) {
      throw new ConfigError(
        `"${word}" is not a step of a schedule: expected an actor's number, number@cpu, =value, _ or end`,
      );
    }
    return match?.[2] === undefined ? actor : onCpu(actor, Number(match[2]));
  });
}
