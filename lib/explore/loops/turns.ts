/**
 * Whose turn it is, if every actor takes a step in turn.
 */
import { actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';

/** A choice of the next actor after the one that acted last. */
export function takeTurns({ choices, last }: Pick<Point, 'choices' | 'last'>): Choice {
  return choices.find((choice) => actorOf(choice) > last) ?? choices[0] ?? STOP;
}
