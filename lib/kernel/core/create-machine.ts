/**
 * Builds a machine and, if it is a checked one, installs the guard that checks its accesses.
 */
import { checkOptions } from '../../base/options.ts';
import { resolveConfig } from '../../machine/config.ts';
import type { MachineConfig, MachineOptions } from '../../machine/config.ts';
import { CheckedAccess } from './checked-access.ts';
import { Machine } from './machine.ts';
import type { MachineParts } from './kernel-state.ts';

/**
 * Creates a machine.
 *
 * @linux none
 * @example
 * ```ts
 * const machine = createMachine({ cpus: 2, highmemPages: 1024 });
 * const task = machine.task('probe');
 * ```
 */
export function createMachine(options: MachineOptions = {}, parts: MachineParts = {}): Machine {
  return machineOf(resolveConfig(options), parts);
}

/** Creates a machine of options that were resolved before. */
export function machineOf(config: MachineConfig, parts?: MachineParts): Machine {
  if (parts !== undefined) checkParts(parts);
  const machine = new Machine(config, parts);
  if (config.mode === 'checked') machine.guard = new CheckedAccess(machine);
  return machine;
}

function checkParts(parts: MachineParts): void {
  checkOptions('parts of createMachine', parts, {
    localSlots: 'function',
    pkmap: 'function',
    dataCache: 'function',
  });
}
