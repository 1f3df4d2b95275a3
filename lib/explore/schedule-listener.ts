/**
 * Listens to one schedule while it is run to be told, for what a report does not have: the state of the machine in between.
 */
import type { Machine } from '../kernel/core/machine.ts';
import type { TraceEvent } from '../machine/trace.ts';
import type { Strategy } from './strategy.ts';
import type { Point } from './world.ts';

/** What a listener is told. Each call gets the machine as it is then; it must only read. */
export interface ScheduleListener {
  /** A decision comes next: `point.choices` has what can happen. The array is used again. */
  readonly decides?: (point: Point, machine: Machine) => void;
  /** An event of a step, or of the final check, has happened; events of `setup` are not told. */
  readonly happened?: (event: TraceEvent, machine: Machine) => void;
  /** The schedule has ended. */
  readonly ended?: (machine: Machine) => void;
}

/** A strategy that tells of each decision before another strategy makes it. */
export function listening(strategy: Strategy, decides: (point: Point) => void): Strategy {
  return {
    name: strategy.name,
    states: strategy.states,
    progress: strategy.progress,
    begin: () => strategy.begin(),
    choose: (point) => {
      decides(point);
      return strategy.choose(point);
    },
    end: (point) => {
      strategy.end(point);
    },
  };
}
