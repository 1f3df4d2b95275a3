/** The same session on several machines, which must not be told apart. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { after } from './oracle.ts';
import { pick, randomOf } from './random.ts';
import type { Operation, Session } from './session.ts';
import { World } from './world.ts';
import type { Variant } from './world.ts';

/** Where two machines came apart. */
export interface Difference {
  readonly session: Session;
  /** The operation after which they differ. */
  readonly at: number;
  readonly operation: Operation;
  readonly variants: readonly [Variant, Variant];
  readonly what: 'answers' | 'bytes' | 'state' | 'oracle';
  readonly first: unknown;
  readonly second: unknown;
}

/** A direct and a checked machine, of which each may keep a trace and lines. */
export function variantsOf(seed: number): readonly [Variant, Variant] {
  const random = randomOf(seed ^ 0x5eed);
  const one = (mode: Variant['mode']): Variant => ({
    mode,
    trace: pick(random, false, false, false, true),
    callSites: random(8) === 0,
  });
  return [one('direct'), one(pick(random, 'checked', 'checked', 'checked', 'checked', 'direct'))];
}

/** Runs a session on both; returns where they first differ, and how many operations that took. */
export function compare(
  session: Session,
  variants: readonly [Variant, Variant],
): { readonly done: number; readonly difference: Difference | undefined } {
  const [first, second] = [new World(session, variants[0]), new World(session, variants[1])];
  let done = 0;
  for (const [at, operation] of session.operations.entries()) {
    // The oracle is slow, so it looks at some sessions only.
    const flat = session.seed % 3 === 0 ? first.flat(operation) : undefined;
    const answers = [first.run(operation), second.run(operation)] as const;
    done += 1;
    const differs = (what: Difference['what'], one: unknown, other: unknown) => ({
      done,
      difference: { session, at, operation, variants, what, first: one, second: other },
    });
    if (!isDeepStrictEqual(answers[0], answers[1])) return differs('answers', answers[0], answers[1]);
    if (!first.hasArrays && !sameBytes(first.bytes, second.bytes))
      return differs('bytes', differentIn(first.bytes, second.bytes), '');
    const count = doneBytes(answers[0]);
    const wanted = flat === undefined || count === undefined ? undefined : after(flat, operation, count);
    if (wanted !== undefined && Buffer.compare(wanted, Buffer.concat(first.bytes)) !== 0)
      return differs(
        'oracle',
        Buffer.concat(first.bytes).findIndex((byte, i) => byte !== wanted[i]),
        count,
      );
    const states = [first.state, second.state] as const;
    if (!isDeepStrictEqual(states[0], states[1])) return differs('state', states[0], states[1]);
    if (isThrown(answers[0])) break;
  }
  return { done, difference: undefined };
}

/** Bytes that a helper says it did, before an error too. */
function doneBytes(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  if ('value' in answer && typeof answer.value === 'number') return answer.value;
  if (!('error' in answer) || typeof answer.error !== 'object' || answer.error === null) return undefined;
  return 'doneBytes' in answer.error && typeof answer.error.doneBytes === 'number'
    ? answer.error.doneBytes
    : undefined;
}

function isThrown(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'thrown' in answer;
}

function sameBytes(first: readonly Uint8Array[], second: readonly Uint8Array[]): boolean {
  return first.every((bytes, i) => Buffer.compare(bytes, second[i] ?? NOTHING) === 0);
}

const NOTHING = new Uint8Array(0);

function differentIn(first: readonly Uint8Array[], second: readonly Uint8Array[]): unknown {
  return first
    .flatMap((bytes, page) =>
      [...bytes].flatMap((byte, at) =>
        byte === second[page]?.[at] ? [] : [[page - 1, at, byte, second[page]?.[at]]],
      ),
    )
    .slice(0, 20);
}

/** The fewest operations and entries of a session with which two machines still differ. */
export function shrink(found: Difference): Difference {
  let best = found;
  const attempt = (session: Session): boolean => {
    const { difference } = compare(session, best.variants);
    if (difference === undefined) return false;
    best = difference;
    return true;
  };
  attempt({ ...best.session, operations: best.session.operations.slice(0, best.at + 1) });
  for (let changed = true; changed;) {
    changed = false;
    for (let i = best.session.operations.length - 1; i >= 0; i -= 1)
      if (attempt({ ...best.session, operations: best.session.operations.toSpliced(i, 1) })) changed = true;
    for (let list = 0; list < best.session.lists.length; list += 1)
      for (let array = (best.session.lists[list]?.length ?? 0) - 1; array >= 0; array -= 1)
        for (let i = (best.session.lists[list]?.[array]?.length ?? 0) - 1; i >= 0; i -= 1) {
          const lists = best.session.lists.map((shape, n) =>
            n !== list
              ? shape
              : shape
                  .map((entries, m) => (m === array ? entries.toSpliced(i, 1) : entries))
                  .filter((entries, _, all) => entries.length > 0 || all.length === 1),
          );
          if (
            lists.every((shape) => shape.some(({ length }) => length > 0)) &&
            attempt({ ...best.session, lists })
          )
            changed = true;
        }
  }
  return best;
}

/** What a person needs to see a difference again: the seed, the operations, and a line for `--replay`. */
export function report({ session, variants, operation, what, first, second }: Difference): string {
  const show = (value: unknown): string => inspect(value, { depth: 8, breakLength: 110, maxArrayLength: 40 });
  return [
    `seed ${String(session.seed)}: ${what} of two machines differ after ${show(operation)}`,
    ...variants.map((variant, i) => `  ${JSON.stringify(variant)}\n${show(i === 0 ? first : second)}`),
    `operations: ${show(session.operations)}`,
    'to see it again, write the next line to a file: npm run test:long -- --replay FILE',
    JSON.stringify({ session, variants }),
  ].join('\n');
}
