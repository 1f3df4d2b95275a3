/**
 * What is said of a loop that can go on for ever while others wait, and whose rounds are not the same state.
 */

/** What was seen of the loop of an actor. */
export interface SeenLoop {
  /** The line at which the actor stops, where it is known. */
  readonly line: string | undefined;
  /** Local variables that the last round changed. */
  readonly changed: readonly string[];
}

/** Says which loop it is, and why no end of it was found. */
export function endlessText(who: string, waiting: readonly string[], { line, changed }: SeenLoop): string {
  const what = line === undefined ? 'go on for ever' : `repeat ${line} for ever`;
  const others =
    waiting.length === 0 ? '' : ` while ${listed(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'}`;
  const why =
    changed.length === 0
      ? 'no two of its rounds are the same state'
      : `${listed(changed.map((name) => `"${name}"`))} ${changed.length === 1 ? 'is' : 'are'} different in each round`;
  return `${who} can ${what}${others}, and ${why}, so not all of them were explored`;
}

function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
}
