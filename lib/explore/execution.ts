/**
 * A program as a world: run from the beginning as often as asked, each time on a new machine.
 */
import { ConfigError, InvariantError } from '../base/invariant.ts';
import { configWhole } from '../base/whole.ts';
import { createMachine } from '../kernel/core/create-machine.ts';
import type { Machine } from '../kernel/core/machine.ts';
import type { Cpu } from '../machine/cpu.ts';
import type { TraceEvent, Actor as TraceActor } from '../machine/trace.ts';
import { ViolationError } from '../machine/violation.ts';
import type { Violation } from '../machine/violation.ts';
import { GivenUp } from './actor.ts';
import type { Actor, Stage } from './actor.ts';
import { DeviceActor } from './actors/device-actor.ts';
import { InterruptActor } from './actors/interrupt-actor.ts';
import { TaskActor } from './actors/task-actor.ts';
import { ThreadedInterruptActor } from './actors/threaded-interrupt-actor.ts';
import { CONTINUE, END, MOST_VALUES, actorOf, isInner, valueChoice, valueOf } from './choice.ts';
import type { Choice } from './choice.ts';
import { Footprint } from './footprint.ts';
import { Hash } from '../base/hash.ts';
import { CycleWatch } from './loops/cycle-watch.ts';
import type { Cycle } from './loops/cycle-watch.ts';
import { lineOf } from './loops/loop-lines.ts';
import { livelock } from './loops/livelock.ts';
import { Loops } from './loops/loops.ts';
import { Suspended } from './loops/suspended.ts';
import { NotRun } from './not-run.ts';
import { Observer, Resources } from './observer.ts';
import { actorNames, checkProgram, refusePromise } from './program.ts';
import type { Program, Surroundings } from './program.ts';
import { endRules } from './rules/index.ts';
import type { End } from './rules/rule.ts';
import { Recorder } from './recorder.ts';
import { StepLog } from './step-log.ts';
import { SharedState } from './shared-state.ts';
import { addMachine, followsSlots, switchIsFree } from './state-key.ts';
import { NondeterminismError } from './strategy.ts';
import { PARTS } from './sight/readers.ts';
import { Debugger } from './sight/scopes.ts';
import { Sight } from './sight/sight.ts';
import { addStructure } from './structure.ts';
import { violationOf, violationOfThrown } from './violation-of.ts';
import { STOP } from './world.ts';
import type { Decide, RaceFacts, World } from './world.ts';

/** Steps after which a schedule counts as one that does not end. */
const MAX_STEPS = 10_000;

/** Sizes of the machine if the program names none. They are small, because a machine is built for every schedule. */
const SMALL = { lowmemPages: 64, highmemPages: 64, vmallocPages: 64 } as const;

/** One step as a report shows it. */
export interface StepRecord {
  /** The decision that began it: its place in the schedule. */
  readonly at: number;
  readonly choice: Choice;
  readonly actor: number;
  /** The id of its CPU, or -1 for a device. */
  readonly cpu: number;
  /** The index of its first event. */
  readonly firstEvent: number;
}

/** Hashes of what cannot be watched. */
interface Unwatched {
  readonly opaque: number;
  /** Of what only the check reads. */
  readonly atEnd: number;
}

/** Runs a program under a strategy's decisions. */
export class Execution implements World, Stage {
  readonly program: Program;
  /** The numbers of what footprints name. */
  readonly resources: Resources = new Resources();
  private readonly keep: boolean;
  private sight: Sight | undefined;
  readonly #choices: Choice[] = [];
  readonly #innerChoices: Choice[] = [];
  readonly #hash = new Hash();
  readonly #opaque = new Hash();
  private readonly allowed: ReadonlySet<string>;
  private readonly followSlots: boolean;
  private ownMachine: Machine;
  private observer: Observer;
  private sharedState: SharedState;
  /** All actors, as schedules number them: tasks, interrupts, devices. */
  #actors: readonly Actor[] = [];
  #tasks: readonly TaskActor[] = [];
  /** Interrupts whose handlers run in interrupt context. */
  #interrupts: readonly InterruptActor[] = [];
  #decide: Decide = () => STOP;
  #baseline: ReadonlySet<object> = new Set();
  inner = false;
  last = -1;
  #footprint: Footprint | undefined = undefined;
  /** The rule that this schedule broke, if any. */
  violation: Violation | undefined = undefined;
  /** The decisions so far. */
  schedule: Choice[] = [];
  /** Steps so far, if they are kept. */
  steps: StepRecord[] = [];
  /** Why some schedule could not be explored to its end, if one could not. */
  unexplored: string | undefined = undefined;
  /** Steps over all schedules. */
  totalSteps = 0;

  /**
   * With `keep`, traces and lines are kept for a report; without, it is fast. With `sight`, what the program can reach
   * is looked for, and a footprint and a state are told only as long as nothing is unseen.
   */
  constructor(program: Program, keep = false, sight?: Sight) {
    checkProgram(program);
    this.program = program;
    this.sight = sight;
    this.keep = keep || program.dataRaces === true;
    this.allowed = new Set([...(program.allow ?? []), ...(program.mayKeepMappings === true ? ['leak'] : [])]);
    this.followSlots = followsSlots(program);
    this.raceFacts = this.#raceFacts();
    this.ownMachine = this.#newMachine(keep);
    this.observer = new Observer(this.ownMachine, this.resources, false, true);
    this.sharedState = new SharedState({}, this.observer);
    this.keepSites = keep;
    const current = (): readonly Choice[] => this.schedule;
    this.loops = new Loops({
      get schedule() {
        return current();
      },
      again: (schedule) => {
        this.#again(schedule);
      },
      watch: (schedule, onStep) => this.#watch(schedule, onStep),
      hasEnded: (index) => this.#actorAt(index).hasEnded,
      alone: (actor) => this.#alone(actor),
      actor: (index) => this.#actorAt(index),
    });
  }

  private readonly keepSites: boolean;

  get footprint(): Footprint | undefined {
    return this.isBlind ? undefined : this.#footprint;
  }

  /**
   * When an interrupt may arrive, and to which CPU a task may move, depends on more than the footprints of steps say; so
   * does what an allowed break leaves behind, and a judgement of the whole order.
   */
  get racing(): RaceFacts | undefined {
    return this.raceFacts;
  }

  private readonly raceFacts: RaceFacts | undefined;

  #raceFacts(): RaceFacts | undefined {
    const { interrupts = {}, migrate, dataRaces, starvationBound, allow = [], tasks } = this.program;
    const isFollowed = migrate !== true && dataRaces !== true && starvationBound === undefined;
    if (!isFollowed || allow.length > 0 || Object.keys(interrupts).length > 0) return undefined;
    const isCut = (): boolean =>
      this.violation !== undefined || this.#givenUp || this.#actors.some(({ hasMore }) => hasMore);
    const count = Object.keys(tasks).length;
    return {
      get isCut() {
        return isCut();
      },
      isOnlyWoken: (actor) => actor < count,
    };
  }

  /** Whether a step may read or change what cannot be followed. */
  get isBlind(): boolean {
    return this.sight?.isBlind === true;
  }

  /** Parts of the machine that the program was seen to read without an event, by count. */
  get partsRead(): number {
    return (this.sight?.partsRead.size ?? 0) + (this.sight?.partsReadAtEnd.size ?? 0);
  }

  get machine(): Machine {
    return this.ownMachine;
  }

  get shared(): object {
    return this.sharedState.watched;
  }

  get choices(): readonly Choice[] {
    return this.inner ? this.#innerChoices : this.#choices;
  }

  /** Everything that happened, if it is kept. */
  get events(): readonly TraceEvent[] {
    return this.observer.events;
  }

  /** Events that were dropped before them, because there were too many. */
  get droppedEvents(): number {
    return this.observer.dropped;
  }

  /** What only a report needs, where lines are kept. */
  get recorder(): Recorder | undefined {
    return this.observer.recorder;
  }

  /** Names of the actors, as schedules number them. */
  get names(): readonly string[] {
    return actorNames(this.program);
  }

  #phase: 'setup' | 'check' | 'step' | undefined = undefined;

  /** The part of the program that runs now, as a message names it. */
  get running(): string | undefined {
    if (this.#phase !== 'step') return this.#phase;
    const actor = this.#acting?.[0];
    return actor === undefined ? undefined : this.#nameOf(actor);
  }

  #nameOf(actor: Actor): string {
    const { tasks, devices = {} } = this.program;
    const last = this.names.length - Object.keys(devices).length;
    const kind =
      actor.index < Object.keys(tasks).length ? 'task' : actor.index < last ? 'interrupt' : 'device';
    return `${kind} "${actor.name}"`;
  }

  begin(decide: Decide): void {
    this.#phase = 'setup';
    this.#begin(decide);
    this.#phase = undefined;
  }

  #begin(decide: Decide): void {
    this.#decide = decide;
    this.inner = false;
    this.last = -1;
    this.#footprint = undefined;
    this.violation = undefined;
    this.#givenUp = false;
    this.#previous = this.schedule;
    this.#isReplayed = true;
    this.#taken = 0;
    if (this.#partsBefore !== this.partsRead) this.#unwatched.length = 0;
    this.#partsBefore = this.partsRead;
    this.#key = undefined;
    this.schedule = [];
    this.steps = [];
    this.looped = false;
    this.repeats = false;
    this.#cycles = undefined;
    this.cycle = undefined;
    this.#log = new StepLog(this.resources);
    const machine = this.#newMachine(this.keepSites);
    this.ownMachine = machine;
    const observer = new Observer(machine, this.resources, this.keep, this.followSlots);
    this.observer = observer;
    if (this.keepSites) {
      observer.recorder = new Recorder(machine, (event) => {
        observer.tell(event);
      });
    }
    machine.hardware.trace = this.observer;
    const { program } = this;
    const setup = program.setup?.(machine) ?? {};
    refusePromise('setup', setup);
    if (typeof setup !== 'object')
      throw new ConfigError(`setup returned ${typeof setup}; it must return an object`);
    machine.guard?.syncArrays();
    this.#baseline = new Set<object>([...machine.live, ...machine.deviceOwned.mappings]);
    this.sight?.beginSchedule();
    this.sharedState = new SharedState(setup, this.observer, this.sight?.stranger);
    this.recorder?.shares(setup);
    this.#makeActors();
    machine.hardware.watchPoints((cpu, where) => {
      this.#atMarkedPoint(cpu, where);
    });
    for (const [name, part] of this.#variants()) this.sight?.value(part, `part ${name}`, true);
    this.sight?.program(program);
    this.#look();
    this.#refresh();
  }

  #newMachine(keepSites: boolean): Machine {
    const { program } = this;
    return createMachine(
      {
        ...SMALL,
        ...program.machine,
        mode: 'checked',
        trace: false,
        callSites: keepSites,
        onViolation: (violation) => {
          if (!this.allowed.has(violation.rule)) throw new ViolationError(violation);
        },
      },
      program.parts,
    );
  }

  #makeActors(): void {
    const { program, machine } = this;
    const tasks = Object.entries(program.tasks).map(
      ([name, spec], i) => new TaskActor(i, name, this, typeof spec === 'function' ? { run: spec } : spec),
    );
    const actors: Actor[] = [...tasks];
    const interrupts: InterruptActor[] = [];
    for (const [name, spec] of Object.entries(program.interrupts ?? {})) {
      const threaded = machine.config.preemptRt && spec.kind !== 'nmi' && spec.noThread !== true;
      if (threaded) actors.push(new ThreadedInterruptActor(actors.length, name, this, spec));
      else {
        const actor = new InterruptActor(actors.length, name, this, spec);
        interrupts.push(actor);
        actors.push(actor);
      }
    }
    for (const [name, spec] of Object.entries(program.devices ?? {})) {
      actors.push(
        new DeviceActor(actors.length, name, this, typeof spec === 'function' ? { run: spec } : spec),
      );
    }
    this.#actors = actors;
    this.#tasks = tasks;
    this.#interrupts = interrupts;
  }

  readonly raise = (interrupt: string): void => {
    const actor = this.#actors.find((other) => other.name === interrupt);
    if (actor?.raise === undefined) throw new ConfigError(`no interrupt "${interrupt}" in this program`);
    this.observer.footprint.write(this.resources.id(`interrupt ${interrupt}`));
    actor.raise(this.#acting?.[2] === undefined ? undefined : this.ownMachine.executing);
  };

  readonly choose = (count: number): number => {
    configWhole('the number of values to choose from', count, 1, MOST_VALUES);
    if (this.observer.learnt === undefined || this.inner)
      throw new ConfigError('choose is for the steps of tasks, handlers and devices');
    const choices = this.#innerChoices;
    choices.length = 0;
    for (let value = 0; value < count; value += 1) choices.push(valueChoice(value));
    this.inner = true;
    const choice = this.#decided();
    this.inner = false;
    if (choice === STOP) throw new GivenUp();
    this.schedule.push(choice);
    const value = valueOf(choice);
    this.observer.learnt.add(value);
    this.observer.record({ event: 'choose', by: this.#by(), value, count });
    return value;
  };

  readonly note = (text: string): void => {
    if (this.observer.learnt !== undefined) this.observer.record({ event: 'note', by: this.#by(), text });
  };

  get surroundings(): Surroundings {
    const { machine, raise, choose, note } = this;
    return { machine, raise, choose, note };
  }

  #by(): TraceActor {
    const { name, cpu } = this.ownMachine.executing;
    return { name, cpu: cpu.id };
  }

  /** The actor of the running step, its choice and its CPU. */
  #acting: readonly [actor: Actor, choice: Choice, cpu: Cpu | undefined] | undefined = undefined;

  softirqFirst(cpu: Cpu): boolean {
    return this.#interrupts.some((actor) => actor.mustRunOn(cpu));
  }

  #actorAt(index: number): Actor {
    const actor = this.#actors[index];
    if (actor === undefined) throw new ConfigError(`no actor ${String(index)} in this program`);
    return actor;
  }

  take(choice: Choice): void {
    if (choice === END) {
      this.#endHere();
      return;
    }
    const actor = this.#actorAt(actorOf(choice));
    const first = this.schedule.length;
    const footprint = new Footprint();
    this.#footprint = footprint;
    this.observer.footprint = footprint;
    this.schedule.push(choice);
    this.totalSteps += 1;
    const cpu = actor.cpuFor(choice);
    if (this.keep) this.#note(actor, choice, cpu);
    this.#perform(actor, choice, cpu, footprint);
    this.#log.add(actor.index, footprint, actor.sleepsOn);
    this.last = actor.index;
    this.#key = undefined;
    // What the same steps did before was looked at then.
    if (!this.#isReplayed && !this.#isAlone) this.#look();
    if (!this.loops.isLooking && this.schedule.length > (this.program.maxSteps ?? MAX_STEPS)) this.#tooLong();
    this.#refresh();
    this.looped = this.violation === undefined && !this.#givenUp && this.loops.ended(actor.index);
    if (this.looped) {
      this.#key = undefined;
      this.#cycles ??= new CycleWatch();
    }
    if (this.#cycles !== undefined && this.violation === undefined) this.#checkCycle(this.#cycles, first);
    const isOver = this.#choices.length === 0 && this.violation === undefined && !this.#givenUp;
    if (isOver && !this.#isAlone) this.#finish();
  }

  #tooLong(): void {
    // A strategy that is not fair can let one task wait for ever, which says nothing about the program.
    if (this.repeats) {
      this.#givenUp = true;
      return;
    }
    this.#try(() => {
      this.ownMachine.hardware.violate({
        rule: 'no-progress',
        severity: 'bug',
        what: `the schedule has not ended after ${String(this.schedule.length)} steps`,
        context: this.ownMachine.executing.state(),
      });
    });
  }

  private readonly loops: Loops;
  looped = false;
  repeats = false;
  /** The states of the schedule, from where an actor was first seen to loop. */
  #cycles: CycleWatch | undefined = undefined;
  /** The round that the schedule ended in, if it did. */
  cycle: Cycle | undefined = undefined;

  /** Ends a schedule that would go round for ever although every actor gets its turn. */
  #checkCycle(cycles: CycleWatch, first: number): void {
    const key = this.stateKey();
    if (key === undefined) return;
    const acted = this.schedule.slice(first).filter((choice) => !isInner(choice));
    // An interrupt that need not come is not starved when it does not.
    const enabled = this.#choices.flatMap((choice) =>
      choice === END || this.#actorAt(actorOf(choice)).mayStayAway ? [] : actorOf(choice),
    );
    const cycle = cycles.note(key, acted.map(actorOf), enabled);
    this.repeats = cycle !== undefined;
    if (cycle === undefined || cycle.starved.size > 0) return;
    this.cycle = cycle;
    this.#try(() => {
      this.ownMachine.hardware.violate(livelock(cycle, this.names, this.ownMachine.executing.state()));
    });
    if (this.violation !== undefined) this.#choices.length = 0;
  }

  /** Runs a schedule again, without asking the strategy. */
  #again(schedule: readonly Choice[], onStep?: (actor: Actor) => void): void {
    const decide = this.#decide;
    let at = 0;
    const next = (): Choice => {
      at += 1;
      return schedule[at - 1] ?? STOP;
    };
    this.begin(next);
    if (onStep !== undefined) this.#isReplayed &&= this.#isWatched;
    while (at < schedule.length) {
      const choice = next();
      const actor = this.#actorAt(actorOf(choice));
      if (!this.#choices.includes(choice))
        throw new NondeterminismError('a schedule that is run again offers other choices than before');
      this.take(choice);
      onStep?.(actor);
    }
    this.#decide = decide;
  }

  /** The lines at which each actor stopped in the last steps of the schedule, which is run again for that. */
  linesOfLast(steps: number): ReadonlyMap<string, ReadonlySet<string>> {
    const lines = new Map<string, Set<string>>();
    const from = this.schedule.filter((choice) => !isInner(choice)).length - steps;
    let step = 0;
    this.#watch([...this.schedule], ({ index, name }, seen) => {
      step += 1;
      if (step <= from) return;
      const line = seen.stops(index).flatMap((stop) => lineOf(stop) ?? []);
      const own = lines.get(name) ?? new Set();
      lines.set(name, own);
      for (const one of line.slice(-1)) own.add(one);
    });
    return lines;
  }

  /** Whether what the program can reach was looked for from the beginning of the schedule. */
  #isWatched = true;

  /** Runs a schedule again, with generators followed. */
  #watch(schedule: readonly Choice[], onStep: (actor: Actor, seen: Suspended) => void): boolean {
    const debug = Debugger.shared();
    this.#isWatched = this.sight !== undefined;
    this.sight ??= new Sight(debug);
    const seen = debug === undefined ? undefined : new Suspended(debug);
    const again = (): void => {
      this.#again(schedule, (actor) => {
        if (seen !== undefined) onStep(actor, seen);
      });
    };
    if (seen === undefined || this.isBlind) again();
    else seen.during(() => this.#acting?.[0].index ?? -1, again);
    this.#isWatched = true;
    return !this.isBlind;
  }

  #isAlone = false;

  /** Lets an actor take a step, without interrupts inside of it. */
  #alone(index: number): boolean {
    const choice = this.#choices.find((one) => actorOf(one) === index);
    if (choice === undefined) return false;
    const decide = this.#decide;
    this.#decide = (point) => point.choices[0] ?? STOP;
    this.#isAlone = true;
    this.take(choice);
    this.#isAlone = false;
    this.#decide = decide;
    return this.violation === undefined;
  }

  /** Ends the schedule without the interrupts that need not come. */
  #endHere(): void {
    this.#footprint = new Footprint();
    this.#footprint.everything = true;
    this.schedule.push(END);
    this.#choices.length = 0;
    this.#finish();
  }

  #previous: readonly Choice[] = [];
  #isReplayed = false;
  /** The state after the last step, if it is known already. */
  #key: number | undefined = undefined;

  /** Looks whether the step that ended came to reach, or changed, what cannot be followed. */
  #look(): void {
    if (this.sight === undefined || this.isBlind) return;
    this.#key = this.#hashState();
    const { hardware, tasks } = this.ownMachine;
    for (const object of [this.ownMachine, hardware, hardware.memory, ...tasks]) this.sight.asMade(object);
    this.sight.check();
  }

  /** The parts of the machine that the program replaced. */
  #variants(): readonly (readonly [string, unknown])[] {
    const { hardware, localSlots, pkmap } = this.ownMachine;
    const parts = { localSlots, pkmap, dataCache: hardware.dataCache };
    return Object.entries(parts).filter(([name]) => name in (this.program.parts ?? {}));
  }

  #note(actor: Actor, choice: Choice, cpu: Cpu | undefined): void {
    if (this.recorder !== undefined) this.recorder.acts(this.#nameOf(actor), this.steps.length);
    this.steps.push({
      at: this.schedule.length - 1,
      choice,
      actor: actor.index,
      cpu: cpu?.id ?? -1,
      firstEvent: this.observer.dropped + this.observer.events.length,
    });
  }

  readonly #notRun = new NotRun();

  #perform(actor: Actor, choice: Choice, cpu: Cpu | undefined, footprint: Footprint): void {
    const machine = this.ownMachine;
    const from = actor.context?.cpu;
    const free =
      (cpu === undefined || switchIsFree(machine, cpu, this.followSlots)) &&
      (from === undefined || switchIsFree(machine, from, this.followSlots));
    const wakeUps = this.sharedState.wakeUps();
    const start = this.schedule.length - 1;
    const before = this.#unwatchedBefore() ?? this.#hashUnwatched();
    this.#unwatched[this.#taken] = before;
    this.#taken += 1;
    this.#startActing(actor, before.opaque);
    this.#acting = [actor, choice, cpu];
    this.#phase = 'step';
    this.#notRun.during(
      () => this.running,
      () => {
        this.#try(() => {
          actor.act(choice);
          machine.guard?.syncArrays();
        });
      },
    );
    if (!this.#givenUp) this.#notRun.check();
    this.recorder?.ends();
    this.#phase = undefined;
    this.#stopActing();
    actor.stepEnded();
    for (const resource of this.#resourcesOf(actor)) footprint.write(resource);
    this.#touchCpu(cpu, free, footprint);
    if (from !== cpu) this.#touchCpu(from, free, footprint);
    // The same steps did the same before.
    for (let i = start; i < this.schedule.length; i += 1)
      this.#isReplayed &&= this.#previous[i] === this.schedule[i];
    const after = this.#unwatchedBefore() ?? this.#hashUnwatched();
    this.#unwatched[this.#taken] = after;
    const changed = after.opaque !== before.opaque || this.sharedState.wakeUps() !== wakeUps;
    if (before.opaque !== 0 && changed) footprint.write(this.resources.id('opaque'));
    if (before.opaque !== 0) footprint.read(this.resources.id('opaque'));
    if (after.atEnd !== before.atEnd) footprint.write(this.resources.id('read at the end'));
  }

  /** Numbers of the resources that every step of an actor changes, by its index: the same in each schedule. */
  readonly #ownResources: (readonly number[])[] = [];

  #resourcesOf(actor: Actor): readonly number[] {
    return (this.#ownResources[actor.index] ??= actor.resources.map((name) => this.resources.id(name)));
  }

  #touchCpu(cpu: Cpu | undefined, free: boolean, footprint: Footprint): void {
    if (cpu === undefined) return;
    const resource = this.resources.cpu(cpu.id);
    if (free && switchIsFree(this.ownMachine, cpu, this.followSlots)) footprint.read(resource);
    else footprint.write(resource);
  }

  /** What cannot be watched, as it was after each step of the schedule before. */
  readonly #unwatched: Unwatched[] = [];
  #taken = 0;
  #partsBefore = 0;

  /** What it was at this place of the schedule before, if the steps up to here are the same. */
  #unwatchedBefore(): Unwatched | undefined {
    return this.#isReplayed && this.sight !== undefined ? this.#unwatched[this.#taken] : undefined;
  }

  #hashUnwatched(): Unwatched {
    return { opaque: this.#opaqueHash(), atEnd: this.#endHash() };
  }

  // An actor may read a plain array without an event. Such bytes count as read at the beginning of each of its steps.
  #startActing(actor: Actor, opaque: number): void {
    const observer = this.observer;
    observer.learnt = actor.learnt;
    observer.exposed = actor.exposed;
    for (const page of actor.exposed) observer.expose(page);
    for (const window of this.ownMachine.guard?.arrays ?? []) {
      if (window.scope !== 'global' && window.owner !== actor.context) continue;
      for (let at = 0; at < window.lengthBytes; at += this.ownMachine.pageSize)
        observer.expose(window.pageAt(at));
      observer.expose(window.pageAt(window.lengthBytes - 1));
    }
    if (opaque !== 0) actor.learnt.add(opaque);
  }

  /** What every step can read without an event: 0 if there is no such thing, or if footprints are not told. */
  #opaqueHash(): number {
    if (this.isBlind) return 0;
    const shared = this.sharedState.opaqueHash();
    const parts = this.sight?.partsRead;
    if (parts === undefined || parts.size === 0) return shared;
    return this.#addParts(this.#opaque.reset().add(shared), parts).value;
  }

  /** What only the final check can read without an event. */
  #endHash(): number {
    const parts = this.sight?.partsReadAtEnd;
    if (this.isBlind || parts === undefined || parts.size === 0) return 0;
    return this.#addParts(this.#opaque.reset(), parts).value;
  }

  #addParts(hash: Hash, parts: ReadonlySet<string>): Hash {
    const { sight, ownMachine: machine, observer } = this;
    // The search for locks comes before they are looked at.
    if (parts.has('locks')) this.sharedState.addTo(new Hash());
    for (const part of parts) PARTS[part]?.add(hash, { machine, observer, objects: sight?.objects ?? [] });
    return hash;
  }

  #stopActing(): void {
    this.observer.learnt = undefined;
    this.observer.exposed = undefined;
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ViolationError) this.violation = error.violation;
      else if (error instanceof GivenUp) {
        this.#givenUp = true;
        if (error.message !== '') this.unexplored ??= error.message;
      } else if (error instanceof InvariantError || error instanceof ConfigError) throw error;
      else {
        this.violation = violationOfThrown(error, this.ownMachine.executing.state());
        this.recorder?.threw(this.violation);
      }
    }
  }

  #givenUp = false;
  #log = new StepLog(this.resources);

  /** What the strategy decides; it is no part of the program, and may look at the clock. */
  #decided(): Choice {
    const phase = this.#phase;
    this.#phase = undefined;
    const choice = this.#decide(this);
    this.#phase = phase;
    return choice;
  }

  /** Lets the strategy choose the interrupts that arrive at a marked point, one after another. */
  #atMarkedPoint(cpu: Cpu, where: string): void {
    const outer = this.observer;
    if (outer.learnt === undefined || this.inner) return;
    for (;;) {
      const choices = this.#innerChoices;
      choices.length = 0;
      choices.push(CONTINUE);
      for (const actor of this.#interrupts) actor.addArrival(cpu, choices);
      if (choices.length === 1) return;
      this.inner = true;
      const choice = this.#decided();
      this.inner = false;
      if (choice === STOP) throw new GivenUp();
      this.schedule.push(choice);
      if (choice === CONTINUE) return;
      if (this.recorder !== undefined) this.observer.record({ event: 'interrupted', by: this.#by(), where });
      this.#interruptHere(choice);
    }
  }

  #interruptHere(choice: Choice): void {
    const actor = this.#interrupts.find(({ index }) => index === actorOf(choice));
    if (actor === undefined) throw new ConfigError('only an interrupt arrives at a marked point');
    const observer = this.observer;
    const { learnt, exposed } = observer;
    const outer = this.#acting;
    const cpu = actor.cpuFor(choice);
    if (this.keep) this.#note(actor, choice, cpu);
    this.#acting = [actor, choice, cpu];
    this.#startActing(actor, this.#opaqueHash());
    actor.runThrough(choice);
    // The events after this belong to the interrupted actor again.
    if (this.keep && outer !== undefined) this.#note(...outer);
    actor.stepEnded();
    for (const resource of this.#resourcesOf(actor)) observer.footprint.write(resource);
    this.#log.add(actor.index, observer.footprint, undefined);
    this.#acting = outer;
    // What the interrupted actor reads from now on may be what the handler left.
    if (outer === undefined) Object.assign(observer, { learnt, exposed });
    else this.#startActing(outer[0], this.#opaqueHash());
  }

  #refresh(): void {
    const choices = this.#choices;
    choices.length = 0;
    if (this.violation !== undefined || this.#givenUp) return;
    let mayEnd = true;
    for (const actor of this.#actors) {
      const before = choices.length;
      actor.addChoices(choices);
      mayEnd &&= choices.length === before || actor.mayStayAway;
    }
    if (mayEnd && choices.length > 0) choices.push(END);
  }

  /** Judges the end, when no actor has a choice left. */
  #finish(): void {
    const tasks = this.#tasks;
    const end: End = {
      program: this.program,
      machine: this.ownMachine,
      surroundings: this.surroundings,
      tasks,
      shared: this.sharedState.watched,
      baseline: this.#baseline,
      actors: this.#actors,
      log: this.#log,
      stuck: this.#actors.some(({ isUnfinished }) => isUnfinished),
      events: this.observer.events,
      recorder: this.recorder,
    };
    this.#try(() => {
      this.ownMachine.checkPoison();
    });
    if (this.violation !== undefined) return;
    for (const rule of endRules) {
      this.#phase = 'check';
      this.#try(() => {
        const facts = rule.judge(end);
        if (facts === undefined) return;
        const violation = violationOf(rule.id, facts);
        // What is allowed does not end the judgement: another rule may be broken, too.
        this.ownMachine.hardware.report(
          this.allowed.has(rule.id) ? { ...violation, severity: 'warn' } : violation,
        );
      });
      this.#phase = undefined;
      if (this.violation !== undefined) return;
    }
  }

  stateKey(): number | undefined {
    return this.isBlind ? undefined : (this.#key ??= this.#hashState());
  }

  #hashState(): number {
    const hash = this.#hash.reset();
    for (const actor of this.#actors) actor.addTo(hash);
    addMachine(hash, this.ownMachine, this.observer);
    this.sharedState.addTo(hash);
    for (const [, part] of this.#variants()) addStructure(hash, part, this.sight?.stranger);
    if (this.sight !== undefined)
      this.#addParts(this.#addParts(hash, this.sight.partsRead), this.sight.partsReadAtEnd);
    return hash.value;
  }
}
