/**
 * The reports of shards, read back and merged into one.
 */
import { mergeOutcomes } from 'scatterlist/explore';
import type { Outcome } from 'scatterlist/explore';
import { readWithin } from '../files.ts';
import { UsageError } from '../usage-error.ts';

const KINDS: ReadonlySet<unknown> = new Set<Outcome['kind']>([
  'exhausted',
  'violation',
  'nondeterministic',
  'outOfBudget',
]);

const MOST_REPORT_BYTES = 2 ** 26;

export function merged(files: readonly string[]): Outcome {
  return worst(
    files.map((file) => outcomeOf(new TextDecoder().decode(readWithin(file, MOST_REPORT_BYTES)), file)),
  );
}

function worst(outcomes: readonly Outcome[]): Outcome {
  const outcome = mergeOutcomes(outcomes);
  if (outcome === undefined) throw new UsageError('nothing to merge');
  return outcome;
}

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null || !('kind' in value && 'counts' in value)) return false;
  if (!KINDS.has(value.kind) || !('unseen' in value && Array.isArray(value.unseen))) return false;
  return typeof value.counts === 'object' && value.counts !== null;
}

export function outcomeOf(text: string, from: string): Outcome {
  const value = parse(text);
  if (!isOutcome(value)) throw new UsageError(`${from}: it is no report of scatterlist explore --json`);
  return value;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
