/**
 * One schedule: a machine with what the program has set up on it, and what is observed of it.
 */
import { ConfigError } from '../../base/invariant.ts';
import { Hash } from '../../base/hash.ts';
import { machineOf } from '../../kernel/core/create-machine.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import { resolveConfig } from '../../machine/config.ts';
import type { MachineConfig } from '../../machine/config.ts';
import type { Actor as TraceActor } from '../../machine/trace.ts';
import { ViolationError } from '../../machine/violation.ts';
import type { Actor } from '../actor.ts';
import { Observer } from '../observer.ts';
import type { Resources } from '../observer.ts';
import { refusePromise } from '../program.ts';
import type { Program } from '../program.ts';
import { Recorder } from '../recorder.ts';
import { SharedState } from '../shared-state.ts';
import { SHOW_PLACES } from '../sight/readers.ts';
import type { Sight } from '../sight/sight.ts';
import { addMachine, followsPlaces, followsSlots, hasForeignReleaser } from '../state-key.ts';
import { addStructure } from '../structure.ts';
import type { Observed } from './observed.ts';
import { StepLog } from '../rules/step-log.ts';
import { addParts } from './unwatched.ts';

/** Sizes of the machine if the program names none. They are small, because a machine is built for every schedule. */
const SMALL = { lowmemPages: 64, highmemPages: 64, vmallocPages: 64 } as const;

/** What all schedules of one execution have in common. */
export interface RunOptions {
  readonly program: Program;
  readonly config: MachineConfig;
  readonly resources: Resources;
  /** Whether events are kept. */
  readonly keep: boolean;
  /** Whether the lines of calls are kept. */
  readonly keepSites: boolean;
  /** Rules that the program may break. */
  readonly allowed: ReadonlySet<string>;
}

/** The machine of a program, for all its schedules. It is frozen, so that none can leave something in it. */
export function configOf(program: Program, keepSites: boolean, allowed: ReadonlySet<string>): MachineConfig {
  const config = resolveConfig({
    ...SMALL,
    ...program.machine,
    mode: 'checked',
    trace: false,
    callSites: keepSites,
    onViolation: (violation) => {
      if (!allowed.has(violation.rule)) throw new ViolationError(violation);
    },
  });
  return Object.freeze(config);
}

/** A schedule from its beginning to its end. */
export class Run {
  readonly machine: Machine;
  readonly observer: Observer;
  readonly sharedState: SharedState;
  readonly sight: Sight | undefined;
  /** Mappings that the set-up made. */
  readonly baseline: ReadonlySet<object>;
  readonly log: StepLog;
  private readonly program: Program;
  readonly #hash = new Hash();

  /** Sets the program up. With `isKnown`, it is not observed, because that was done before. */
  constructor(options: RunOptions, sight: Sight | undefined, seen: Observed, isKnown: boolean) {
    const { program, config, resources, keep, keepSites } = options;
    this.program = program;
    this.sight = sight;
    this.log = new StepLog(resources);
    const machine = machineOf(config, program.parts);
    this.machine = machine;
    const observer = new Observer(machine, resources, keep, followsSlots(program), seen);
    observer.isOn = !isKnown;
    observer.followPlaces = showsPlaces(options, sight);
    this.observer = observer;
    if (keepSites) {
      observer.recorder = new Recorder(machine, (event) => {
        observer.tell(event);
      });
    }
    machine.hardware.trace = observer;
    const setup = program.setup?.(machine) ?? {};
    refusePromise('setup', setup);
    if (typeof setup !== 'object')
      throw new ConfigError(`setup returned ${typeof setup}; it must return an object`);
    machine.guard?.syncArrays();
    this.baseline = new Set<object>([...machine.live, ...machine.deviceOwned.mappings]);
    sight?.beginSchedule();
    this.sharedState = new SharedState(setup, observer, sight?.stranger);
    observer.recorder?.shares(setup);
  }

  /** Who acts now, as events name it. */
  get by(): TraceActor {
    const { name, cpu } = this.machine.executing;
    return { name, cpu: cpu.id };
  }

  /** The parts of the machine that the program replaced. */
  get variants(): readonly (readonly [string, unknown])[] {
    if (this.program.parts === undefined) return [];
    const { hardware, localSlots, pkmap } = this.machine;
    const parts = { localSlots, pkmap, dataCache: hardware.dataCache };
    return Object.entries(parts).filter(([name]) => name in (this.program.parts ?? {}));
  }

  /** Looks at all that the program can reach before its first step. */
  lookAtProgram(): void {
    for (const [name, part] of this.variants) this.sight?.value(part, `part ${name}`, true);
    this.sight?.program(this.program);
  }

  /** Looks whether the last step came to reach, or changed, what cannot be followed. */
  lookAtObjects(): void {
    const { machine, sight } = this;
    const { hardware, tasks } = machine;
    for (const object of [machine, hardware, hardware.memory, ...tasks]) sight?.asMade(object);
    sight?.check();
  }

  /** Whether what an actor that has ended did may still be seen. */
  get keepsHistories(): boolean {
    const { allow = [], dataRaces, machine, parts } = this.program;
    const isJudged = dataRaces === true || allow.length > 0 || machine?.semantics === 'compatible';
    return (
      isJudged || parts !== undefined || this.observer.seen.hasHidden || hasForeignReleaser(this.machine)
    );
  }

  /** A hash of all that the future of the schedule depends on. */
  hashState(actors: readonly Actor[], followPlaces: boolean): number {
    const hash = this.#hash.reset();
    for (const actor of actors) actor.addTo(hash);
    addMachine(hash, this.machine, this.observer, followPlaces);
    hash.add(this.keepsHistories ? 1 : 0);
    this.sharedState.addTo(hash);
    const { sight } = this;
    for (const [, part] of this.variants) addStructure(hash, part, sight?.stranger);
    if (sight !== undefined)
      for (const parts of [sight.partsRead, sight.partsReadAtEnd]) addParts(hash, parts, this);
    return hash.value;
  }
}

/** Whether the program may tell a slot of the kmap pool from another. */
function showsPlaces({ program, config }: RunOptions, sight: Sight | undefined): boolean {
  if (sight === undefined || followsPlaces(program, config)) return true;
  return SHOW_PLACES.some((part) => sight.partsRead.has(part) || sight.partsReadAtEnd.has(part));
}
