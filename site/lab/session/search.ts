/**
 * Searches through the orders of events, and says what was looked at and what was not.
 */
import { exhaustive, explore, pct, preemptionBound, random } from 'scatterlist/explore';
import type { Outcome, Program, Strategy } from 'scatterlist/explore';
import type { ExploreRequest, Loaded, SearchProgress, SearchResult, SearchStrategy } from './messages.ts';

/** What a search came to, before its schedule is run for the page. */
export type Searched = Omit<SearchResult, 'found'> & { readonly schedule: string | undefined };

/** Searches. */
export function search(
  program: Program,
  loaded: Loaded,
  { strategy, bounds }: ExploreRequest,
  onProgress: (progress: SearchProgress) => void,
): Searched {
  const outcome = explore(program, strategyOf(strategy, bounds.schedules ?? MOST_TRIES), {
    budget: { milliseconds: 60_000, ...bounds },
    onProgress: ({ schedules, steps, states, pruned, milliseconds }, part, shrinkingMs) => {
      onProgress({
        schedules,
        steps,
        states,
        pruned,
        milliseconds,
        part,
        isShrinking: shrinkingMs !== undefined,
      });
    },
  });
  const { schedules, steps, states, pruned, milliseconds } = outcome.counts;
  return {
    kind: outcome.kind,
    counts: { schedules, steps, states, pruned, milliseconds },
    schedule: outcome.kind === 'violation' ? outcome.schedule : undefined,
    verdict: verdictOf(outcome),
    lookedAt: lookedAt(outcome, loaded, strategy),
    notLookedAt: notLookedAt(outcome, strategy),
  };
}

/** Schedules that a strategy tries that has no end of its own, if no number is given. */
const MOST_TRIES = 1_000_000;

function strategyOf(chosen: SearchStrategy, schedules: number): Strategy {
  switch (chosen.kind) {
    case 'exhaustive':
      return exhaustive();
    case 'preemptionBound':
      return preemptionBound(chosen.bound);
    case 'random':
      return random({ seed: chosen.seed, schedules });
    case 'pct':
      return pct({ seed: chosen.seed, depth: chosen.depth, schedules });
  }
}

function verdictOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'violation':
      return `Found ${outcome.violation.rule}: ${outcome.violation.what}.`;
    case 'exhausted':
      return 'Explored to the end: no order of these steps breaks a rule.';
    case 'nondeterministic':
      return `Nothing can be concluded, because the program does not do the same under the same schedule: ${outcome.what}.`;
    case 'outOfBudget':
      return `Nothing was found before ${limitText(outcome)}, and nothing is proven.`;
  }
}

function limitText({ limit, what }: Extract<Outcome, { readonly kind: 'outOfBudget' }>): string {
  switch (limit) {
    case 'milliseconds':
      return 'the time was over';
    case 'schedules':
      return 'the number of schedules was reached';
    case 'steps':
      return 'the number of steps was reached';
    case 'strategy':
      return 'the strategy had tried what it tries';
    case 'stopped':
      return 'the search was stopped';
    case 'handlers':
    case 'loops':
      return `the end, except for what cannot be explored (${what ?? limit})`;
  }
}

function lookedAt(
  outcome: Outcome,
  { actors, machine }: Loaded,
  strategy: SearchStrategy,
): readonly string[] {
  const { schedules, steps, pruned } = outcome.counts;
  const leftEarly = pruned === 0 ? '' : `, and ${counted(pruned, 'schedule')} that led nowhere new`;
  return [
    `${counted(schedules, 'schedule')} to the end${leftEarly}, ${counted(steps, 'step')} in all.`,
    `The orders of the steps of ${counted(actors.length, 'actor')} (${actors.map(({ name }) => name).join(', ')}) on ${counted(machine.cpus, 'CPU')}${boundText(strategy)}.`,
  ];
}

function boundText(strategy: SearchStrategy): string {
  switch (strategy.kind) {
    case 'exhaustive':
      return '';
    case 'preemptionBound':
      return `, with at most ${counted(strategy.bound, 'preemption')}`;
    case 'random':
    case 'pct':
      return `, chosen at random (seed ${String(strategy.seed)})`;
  }
}

function notLookedAt(outcome: Outcome, strategy: SearchStrategy): readonly string[] {
  const said: string[] = [];
  if (outcome.kind === 'violation') said.push('The orders that follow the first one that breaks a rule.');
  if (outcome.kind === 'outOfBudget') {
    const part =
      outcome.progress === undefined ? '' : ` (about ${String(Math.floor(100 * outcome.progress))} % were)`;
    said.push(`The orders that were left when ${limitText(outcome)}${part}.`);
  }
  if (strategy.kind === 'preemptionBound') said.push('Orders with more preemptions.');
  said.push(
    'What happens between two yields: a task runs on there, except that interrupts arrive at the marked points.',
    'Other numbers of CPUs, tasks and interrupts than this program has, and other input.',
  );
  return [...said, ...outcome.unseen];
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
