/** What a spec of a rule states: what the driver does, at which line, and who did it where. */
import type { Machine, MachineOptions } from 'scatterlist';
import type { MachineParts, RuleId } from 'scatterlist/machine';

/** Notes that the offending call is on the next line. */
type Mark = () => void;

/** One way to break a rule. */
export interface Case {
  readonly rule: RuleId;
  readonly name: string;
  /** What the report says was done. */
  readonly what: RegExp;
  readonly machine?: MachineOptions;
  readonly parts?: MachineParts;
  /** Default `warn`. */
  readonly severity?: 'warn' | 'bug';
  /** Who did it: default the task "driver" on cpu 0. */
  readonly by?: readonly [kind: string, name: string, cpu: number];
  run(machine: Machine, mark: Mark): unknown;
  /** What `run` answers where the machine records and goes on, as Linux would. */
  readonly goesOn?: unknown;
}

/** The line of the caller's caller. */
export function callerLine(): number {
  const frame = (new Error().stack ?? '').split('\n')[3] ?? '';
  return Number(/:(\d+):\d+\)?$/.exec(frame)?.[1]);
}
