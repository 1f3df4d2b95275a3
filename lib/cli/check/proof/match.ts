/**
 * Whether what the explorer found is what a finding says.
 */
import { resolve } from 'node:path';
import type { Violation } from 'scatterlist';
import type { Finding } from '../judge.ts';
import type { CheckedRule } from '../walk/sighting.ts';

/** The rules of the machine that a broken contract can be met as, at its line. */
const MET_AS: Readonly<Record<CheckedRule, readonly string[]>> = {
  leak: ['leak'],
  'double-unmap': [
    'double-unmap',
    'unmap-order',
    'unmap-address',
    'slot-underflow',
    'kunmap-underflow',
    'kunmap-unmapped',
  ],
  'unmap-order': ['unmap-order', 'unmap-address'],
  'unmap-address': ['unmap-address', 'unmap-order', 'slot-underflow'],
  'unmap-mismatch': ['unmap-mismatch', 'unmap-order', 'unmap-address', 'slot-underflow'],
  'kunmap-unmapped': ['kunmap-unmapped', 'wild-access'],
  'use-after-unmap': ['use-after-unmap', 'unmapped-slot', 'slot-taken', 'stale-tlb', 'wild-access'],
  'freed-while-mapped': ['freed-while-mapped', 'use-after-free'],
  'sleep-in-atomic': ['sleep-in-atomic', 'kmap-in-atomic'],
  'kmap-in-atomic': ['kmap-in-atomic', 'sleep-in-atomic'],
  'slot-taken': ['slot-taken'],
  'no-linear-address': ['no-linear-address', 'null-pointer', 'wild-access'],
  'slot-overflow': ['slot-overflow'],
  'page-overrun': ['page-overrun', 'wild-access', 'unmapped-slot', 'object-overrun'],
  'null-pointer': ['null-pointer', 'user-pointer'],
  conversion: [],
};

/** A statement may have more than one line. */
const NEAR_LINES = 3;

type Site = NonNullable<Violation['foundAt']>;

/** Whether a violation can be what a finding says, as far as its rule tells. */
export function isOfRule({ rule }: Finding, violation: Violation): boolean {
  return MET_AS[rule].includes(violation.rule);
}

/** Whether a violation, with its lines, is what a finding in a file says. */
export function isSame(finding: Finding, file: string, violation: Violation): boolean {
  if (!isOfRule(finding, violation)) return false;
  if (finding.rule !== 'leak') return isAt(violation.foundAt, file, finding.line);
  const site = violation.mapping?.mappedAt;
  // What an iterator maps has no line of its own.
  return finding.mapLine === undefined || (site?.file ?? '') === '' || isAt(site, file, finding.mapLine);
}

/** Whether a place, or one that it is called from, is a line of a file. */
function isAt(site: Site | undefined, file: string, line: number): boolean {
  if (site === undefined) return false;
  return [site, ...(site.callers ?? [])].some(
    (one) => resolve(one.file) === file && Math.abs(one.line - line) <= NEAR_LINES,
  );
}
