/**
 * The check that a list is skipped forwards.
 */
import type { MapBackend } from '../mapping/backend.ts';

/**
 * Refuses a skip that is not a count of bytes, on a strict machine. On a compatible one nothing looks, as in
 * Linux, and a negative skip leads before the entry.
 */
export function checkSkip(backend: MapBackend, skipBytes: number): void {
  const { context } = backend;
  if (skipBytes >= 0 || context.machine.config.semantics === 'compatible') return;
  context.machine.hardware.violate({
    rule: 'miter-negative-skip',
    severity: 'bug',
    what: `skip of ${String(skipBytes)} bytes`,
    context: context.state(),
  });
}
