/**
 * In which context a function runs, as far as its file tells: it registers the function as a handler, or calls it with a
 * lock held and from nowhere else.
 */
import { ofSighting } from '../judge.ts';
import type { Finding } from '../judge.ts';
import type { CFunction } from '../parse/grammar.ts';
import type { MaySleep } from '../walk/sighting.ts';
import type { WalkResult } from '../walk/walked.ts';

const ARGUMENT = String.raw`(?:[^,();]|\([^()]*\))+,\s*`;
/** Text that registers a handler, with the place for its name, and what the handler becomes. */
const REGISTERS: readonly (readonly [before: string, after: string, what: string])[] = [
  [String.raw`\brequest_(?:threaded_)?irq\s*\(${ARGUMENT}`, ',', 'an interrupt handler'],
  [String.raw`\bdevm_request_(?:threaded_)?irq\s*\(${ARGUMENT}${ARGUMENT}`, ',', 'an interrupt handler'],
  [String.raw`\btasklet_(?:init|setup)\s*\(${ARGUMENT}`, '[,)]', 'a tasklet'],
  [String.raw`\bDECLARE_TASKLET\w*\s*\(${ARGUMENT}`, '[,)]', 'a tasklet'],
  [
    String.raw`\b(?:timer_setup|setup_timer|DEFINE_TIMER|TIMER_INITIALIZER)\w*\s*\(${ARGUMENT}`,
    '[,)]',
    'a timer',
  ],
  [String.raw`\bTIMER_INITIALIZER\s*\(`, ',', 'a timer'],
  [String.raw`\bhrtimer_setup\w*\s*\(${ARGUMENT}`, ',', 'a timer'],
  [String.raw`timer\w*(?:\.|->)function\s*=\s*`, ';', 'a timer'],
  [String.raw`\bcall_rcu\w*\s*\(${ARGUMENT}`, String.raw`\)`, 'an RCU callback'],
];
const MOST_CALLERS = 3;

/** Tells contexts of the functions of one file. */
export class Contexts {
  private readonly text: string;
  private readonly functions: ReadonlyMap<string, CFunction>;
  private readonly resultOf: (found: CFunction) => WalkResult;

  /** @param text the whole file */
  constructor(
    text: string,
    functions: ReadonlyMap<string, CFunction>,
    resultOf: (found: CFunction) => WalkResult,
  ) {
    this.text = text;
    this.functions = functions;
    this.resultOf = resultOf;
  }

  /** What is wrong with the maps of a function that may sleep, because of where it is called. */
  judge(found: CFunction, result: WalkResult): readonly Finding[] {
    const { sleeps, releasesLock, sleepsAt } = result;
    const [first] = sleeps;
    if (first === undefined || releasesLock) return [];
    const reason = this.#reason(found, MOST_CALLERS);
    if (reason !== undefined)
      return sleeps.map((each) =>
        findingOf(
          found,
          each,
          reason,
          `${each.call} may sleep, and ${found.name} is called where nothing may`,
          this.text,
        ),
      );
    if (sleepsAt === undefined) return [];
    return this.#callersOf(found).flatMap(({ caller, calls }) =>
      calls
        .filter(({ isAtomic }) => isAtomic)
        .map(({ line }) =>
          findingOf(
            caller,
            { ...first, line, path: undefined },
            `${found.name} calls ${first.call} in line ${String(first.line)}`,
            `${found.name} may sleep, and ${caller.name} holds a spin lock, or has disabled interrupts or preemption`,
            this.text,
          ),
        ),
    );
  }

  // Why nothing in a function may sleep.
  #reason(found: CFunction, levels: number): string | undefined {
    return this.#registered(found.name) ?? (levels > 0 ? this.#calledAtomic(found, levels) : undefined);
  }

  #registered(name: string): string | undefined {
    if (this.#isOnlyCalled(name)) return undefined;
    for (const [before, after, what] of REGISTERS) {
      const at = this.text.search(new RegExp(`${before}&?${name}\\s*${after}`));
      if (at >= 0) return `line ${String(this.#lineOf(at))} makes it ${what}`;
    }
    return undefined;
  }

  #lineOf(offset: number): number {
    return this.text.slice(0, offset).split('\n').length;
  }

  // Whether nothing takes the address of a function.
  #isOnlyCalled(name: string): boolean {
    return !new RegExp(`\\b${name}\\b(?!\\s*\\()`).test(this.text);
  }

  #callersOf({ name }: CFunction): readonly Calling[] {
    const named = new RegExp(`\\b${name}\\s*\\(`);
    return [...this.functions.values()].flatMap((caller) => {
      if (caller.name === name || !named.test(caller.text)) return [];
      const result = this.resultOf(caller);
      const calls = [...result.calls].flatMap(([line, call]) =>
        call.name === name ? [{ line, isAtomic: call.isAtomic }] : [],
      );
      return [{ caller, result, calls }];
    });
  }

  #calledAtomic(found: CFunction, levels: number): string | undefined {
    if (!/^\s*(?:\w+\s+)*static\b/.test(found.text) || !this.#isOnlyCalled(found.name)) return undefined;
    let reason: string | undefined;
    for (const { caller, result, calls } of this.#callersOf(found)) {
      const [first] = calls;
      if (first === undefined || result.isBounded) return undefined;
      const isOpen = calls.some(({ isAtomic }) => !isAtomic);
      const outer = isOpen && !result.releasesLock ? this.#reason(caller, levels - 1) : undefined;
      if (isOpen && outer === undefined) return undefined;
      reason ??=
        outer === undefined
          ? `${caller.name} calls it in line ${String(first.line)} with a spin lock held, or with interrupts or preemption disabled, and nothing in the file calls it otherwise`
          : `${caller.name} calls it, and of that one: ${outer}`;
    }
    return reason;
  }
}

interface Calling {
  readonly caller: CFunction;
  readonly result: WalkResult;
  readonly calls: readonly { readonly line: number; readonly isAtomic: boolean }[];
}

function findingOf(found: CFunction, sleep: MaySleep, because: string, says: string, text: string): Finding {
  const { contract, line, path, excludedIn } = sleep;
  const isKmap = contract.name === 'kmap';
  return ofSighting(
    found,
    {
      rule: isKmap ? 'kmap-in-atomic' : 'sleep-in-atomic',
      line,
      contract,
      mapLine: undefined,
      sureness: excludedIn === undefined ? 'warning' : 'note',
      because,
      says,
      path,
      excludedIn,
      variant: isKmap ? undefined : 'context',
      page: undefined,
    },
    text,
  );
}
