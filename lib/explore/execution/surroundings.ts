/**
 * What every actor of a schedule is given besides its own things.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { Resources } from '../observer.ts';
import type { Surroundings } from '../program.ts';
import type { Acting } from './acting.ts';
import type { Cast } from './cast.ts';
import type { InsideStep } from './inside-step.ts';
import type { Run } from './run.ts';

/** Where they act. */
export interface Setting {
  /** The schedule that runs. */
  readonly run: () => Run;
  /** Its actors, once they are there. */
  readonly cast: () => Cast | undefined;
  readonly acting: Acting;
  readonly inside: InsideStep;
  readonly resources: Resources;
}

/** The functions that actors are given: the same for all schedules of one execution. */
export function givenFunctions({
  run,
  cast,
  acting,
  inside,
  resources,
}: Setting): Omit<Surroundings, 'machine'> {
  return {
    raise: (interrupt) => {
      const actor = cast()?.interrupt(interrupt);
      const { machine, observer } = run();
      const { footprint } = observer;
      footprint.write(resources.id(`interrupt ${interrupt}`));
      const by = acting.step?.[2] === undefined ? undefined : machine.executing;
      // A softirq may have to run before the task of the CPU goes on.
      if (by !== undefined) footprint.write(resources.cpu(by.cpu.id));
      actor?.raise(by);
    },
    choose: (count) => {
      const { by, observer } = run();
      if (observer.learnt === undefined || inside.isAsked)
        throw new ConfigError('choose is for the steps of tasks, handlers and devices');
      const value = inside.value(count);
      observer.learnt.add(value);
      observer.record({ event: 'choose', by, value, count });
      return value;
    },
    note: (text) => {
      const { by, observer } = run();
      if (observer.learnt !== undefined) observer.record({ event: 'note', by, text });
    },
  };
}
