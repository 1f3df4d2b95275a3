/**
 * Small programs with loops, and a search over their states that has no part in common with the explorer.
 */
import type { Program } from '../../../lib/explore/program.ts';
import type { Sleeping } from '../../../lib/kernel/parts/wait-queue.ts';

/** One step of a task: sets a variable, or goes to another step (`to`) if the variable has that value. */
export interface Op {
  readonly do: 'set' | 'goto' | 'toggle';
  readonly variable: 0 | 1;
  readonly value: 0 | 1;
  readonly to: number;
}

/** A step of each task after the other; the check fails if both variables are 1 at the end. */
export type Shape = readonly (readonly Op[])[];

export interface Vars {
  0: number;
  1: number;
}

/** The shape as a program. */
export function programOf(shape: Shape): Program<{ vars: Vars }> {
  const task = (ops: readonly Op[]) =>
    function* (env: { readonly vars: Vars }): Sleeping<void> {
      let at = 0;
      while (at < ops.length) {
        at = stepOf(ops, at, env.vars);
        yield;
      }
    };
  return {
    setup: () => ({ vars: { 0: 0, 1: 0 } }),
    tasks: Object.fromEntries(shape.map((ops, i) => [`t${String(i)}`, task(ops)])),
    check: ({ vars }) => !(vars[0] === 1 && vars[1] === 1),
  };
}

function stepOf(ops: readonly Op[], at: number, vars: Vars): number {
  const op = ops[at];
  if (op === undefined) return at;
  if (op.do === 'set') vars[op.variable] = op.value;
  else if (op.do === 'toggle') vars[op.variable] = 1 - vars[op.variable];
  else if (vars[op.variable] === op.value) return op.to;
  return at + 1;
}

/** The next steps and the variables, as text. A task that has ended is at -1; it needs one more step to notice. */
interface State {
  readonly at: readonly number[];
  readonly vars: readonly [number, number];
}

interface Edge {
  readonly actor: number;
  readonly to: string;
}

/** The rules that some schedule breaks. */
export function broken(shape: Shape): ReadonlySet<string> {
  const states = new Map<string, { readonly enabled: readonly number[]; readonly edges: readonly Edge[] }>();
  const rules = new Set<string>();
  const open: State[] = [{ at: shape.map(() => 0), vars: [0, 0] }];
  for (const state of open) {
    const key = JSON.stringify(state);
    if (states.has(key)) continue;
    const enabled = state.at.flatMap((at, actor) => (at < 0 ? [] : [actor]));
    if (enabled.length === 0 && state.vars[0] === 1 && state.vars[1] === 1) rules.add('final-check');
    const edges = enabled.map((actor): Edge => {
      const vars: Vars = { 0: state.vars[0], 1: state.vars[1] };
      const ops = shape[actor] ?? [];
      const at = state.at[actor] ?? 0;
      const to = at >= ops.length ? -1 : stepOf(ops, at, vars);
      const next: State = {
        at: state.at.map((other, i) => (i === actor ? to : other)),
        vars: [vars[0], vars[1]],
      };
      open.push(next);
      return { actor, to: JSON.stringify(next) };
    });
    states.set(key, { enabled, edges });
  }
  // A schedule that goes round for ever is fair if some set of actors act in it and no other can.
  for (let set = 1; set < 2 ** shape.length; set += 1) {
    const isIn = (actor: number): boolean => ((set >> actor) & 1) === 1;
    const within = new Map(
      [...states]
        .filter(([, { enabled }]) => enabled.every(isIn))
        .map(([key, { edges }]) => [key, edges] as const),
    );
    if ([...within.keys()].some((key) => hasRoundOf(key, within, shape.length, isIn))) rules.add('livelock');
  }
  return rules;
}

/** Whether a state lies on a round, within some states, in which every actor of a set takes a step. */
function hasRoundOf(
  start: string,
  within: ReadonlyMap<string, readonly Edge[]>,
  actors: number,
  isIn: (actor: number) => boolean,
): boolean {
  const reach = (from: string): ReadonlySet<string> => {
    const met = new Set([from]);
    for (const key of met) for (const { to } of within.get(key) ?? []) if (within.has(to)) met.add(to);
    return met;
  };
  const round = [...reach(start)].filter((key) => reach(key).has(start));
  const inRound = round.flatMap((key) => (within.get(key) ?? []).filter(({ to }) => round.includes(to)));
  return Array.from({ length: actors }, (_, actor) => actor)
    .filter(isIn)
    .every((actor) => inRound.some((edge) => edge.actor === actor));
}
