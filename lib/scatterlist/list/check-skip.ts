/**
 * Checks the numbers that specify the bytes of a list for a helper.
 */
import { isWhole } from '../../base/whole.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import type { MapBackend } from '../../mapping/backend.ts';
import type { SgList } from './sg-list.ts';

const MOST: number = Number.MAX_SAFE_INTEGER;

/**
 * On a strict machine, refuses a skip that is not a count of bytes. A compatible machine does not check the sign, as in
 * Linux, and a negative skip leads to bytes before the entry.
 */
export function checkSkip(backend: MapBackend, skipBytes: number): void {
  if (isWhole(skipBytes, MOST)) return;
  const { context } = backend;
  const { hardware, config } = context.machine;
  if (!(skipBytes >= 0) && config.semantics === 'strict') {
    hardware.violate({
      rule: 'miter-negative-skip',
      severity: 'bug',
      what: `skip of ${String(skipBytes)} bytes`,
      context: context.state(),
    });
  }
  hardware.checkNumber(context, 'skip', skipBytes, MOST);
}

/** Refuses an impossible count of entries; Infinity stands for all entries. */
export function checkEntries(backend: MapBackend, name: string, nents: number): void {
  if (nents === Infinity) return;
  const { context } = backend;
  context.machine.hardware.checkNumber(context, name, nents, MOST);
}

/** Refuses impossible numbers: the count of entries, the skip, the number of bytes to work on. */
export function checkListRange(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  skipBytes: number,
  lengthBytes: number,
): void {
  checkSkip(backend, skipBytes);
  if (isWhole(lengthBytes, MOST) && isWhole(list.origNents, MOST)) return;
  const { context } = backend;
  context.machine.hardware.checkNumber(context, 'lengthBytes', lengthBytes, MOST);
  checkEntries(backend, 'origNents', list.origNents);
}
