/**
 * What makes a finding less sure: a path that takes another round of a loop, or that only arithmetic could exclude.
 */
import type { Block } from '../flow/graph.ts';
import { operandsOf } from './operands.ts';
import type { Fate } from './sighting.ts';
import type { Decision, PathStep } from './state.ts';
import { numberOf } from './value.ts';
import type { Value } from './value.ts';
import { shortened } from './walked.ts';

/** Whether a condition compares quantities: which of them is more, the walk knows in simple cases only. */
function isArithmetic(condition: Value): boolean {
  const operands = operandsOf(condition.startsWith('!') ? condition.slice(1) : condition);
  if (operands === undefined) return false;
  const { operator, left, right } = operands;
  if (operator !== '<' && operator !== '==') return isComputed(condition);
  if (isComputed(left) || isComputed(right)) return true;
  return operator === '<' && numberOf(left) === undefined && numberOf(right) === undefined;
}

function isComputed(value: Value): boolean {
  return /^[-+*/%]$/.test(operandsOf(value)?.operator ?? '');
}

/** Whether a condition between two points of a path is arithmetic. */
export function hasArithmetic(path: PathStep | undefined, since: PathStep | undefined): boolean {
  for (let step = path; step !== undefined && step !== since; step = step.before)
    if (step.decided !== undefined && isArithmetic(step.decided.value)) return true;
  return false;
}

/**
 * Whether a block is reached from another one only by way of another round of a loop. To leave a loop by its condition
 * is no round.
 */
export function takesAnotherRound(from: Block, to: Block): boolean {
  const seen = new Set<Block>();
  const waiting: { readonly block: Block; readonly head: Block | undefined }[] = [
    { block: from, head: undefined },
  ];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const { block, head } = step;
    for (const next of block.next) {
      const isBack = next.order <= block.order;
      // Behind a way back: the condition of the loop, which stands in the line of its head, and what is after the loop.
      if (!isBack && head !== undefined && next.line !== head.line && next.order < from.order) continue;
      if (!isBack && next === to) return false;
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push({ block: next, head: isBack ? next : next.line === head?.line ? head : undefined });
    }
  }
  return true;
}

/** What may exclude a path on which a mapping is lost. */
export function doubtOfLeak(
  path: PathStep | undefined,
  { releasedIn, block }: Pick<Fate, 'releasedIn' | 'block'>,
): string | undefined {
  for (let step = path; step !== undefined; step = step.before) {
    const does = step.decided?.block.does;
    if (step.decided !== undefined && does?.kind === 'call' && releasedIn.has(step.decided.block))
      return `${does.name} in line ${String(step.line)} unmaps it on other ways through it, and its result may exclude this way`;
  }
  const decision = decisionOf(path, releasedIn);
  if (decision === undefined) return undefined;
  const { node } = decision.block.does.kind === 'branch' ? decision.block.does : {};
  const condition = `"${shortened(node?.text ?? '')}" in line ${String(decision.block.line)}`;
  const outcome = decision.way === 0;
  if (isArithmetic(decision.value))
    return `this check does not follow the arithmetic behind ${condition}, which may never be ${String(outcome)} here`;
  const taken = behind(decision.block.next[decision.way]);
  const isGuard = [...releasedIn].every((each) => taken !== undefined && canReach(each, new Set([taken])));
  if (isGuard && block !== undefined && isSettledBefore(decision.value, block))
    return `the unmap depends on ${condition}, which was settled before the map and may always be ${String(!outcome)} here`;
  return undefined;
}

// The decision of a path after which no way leads to any of some blocks any more.
function decisionOf(path: PathStep | undefined, blocks: ReadonlySet<Block>): Decision | undefined {
  for (let step = path; step !== undefined; step = step.before) {
    if (step.decided === undefined) continue;
    const { block, way } = step.decided;
    if (block.does.kind === 'call') continue;
    const [taken, other] = [block.next[way], block.next[1 - way]];
    if (taken !== undefined && canReach(taken, blocks)) return undefined;
    if (other !== undefined && canReach(other, blocks)) return step.decided;
  }
  return undefined;
}

// Where an empty branch leads.
function behind(block: Block | undefined): Block | undefined {
  let at = block;
  while (at?.does.kind === 'nothing' && at.ways < 2 && at.next[0] !== undefined) at = at.next[0];
  return at;
}

// Whether all that a value was computed of came into being before a block.
function isSettledBefore(value: Value, { id, does }: Block): boolean {
  const start = does.kind === 'call' ? does.node.start : Infinity;
  return [...value.matchAll(/‹(\D+)(\d+)/g)].every(
    ([, kind, number]) => Number(number) < (kind === 'φ' ? id : start),
  );
}

function canReach(from: Block, blocks: ReadonlySet<Block>): boolean {
  const seen = new Set<Block>([from]);
  const waiting = [from];
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    if (blocks.has(block)) return true;
    for (const next of block.next)
      if (!seen.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
  }
  return false;
}
