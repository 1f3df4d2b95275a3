/**
 * A program as a world: run from the beginning as often as asked, each time on a new machine.
 */
import { ConfigError, InvariantError } from '../../base/invariant.ts';
import { Hash } from '../../base/hash.ts';
import { configWhole } from '../../base/whole.ts';
import { createMachine } from '../../kernel/core/create-machine.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { TraceEvent, Actor as TraceActor } from '../../machine/trace.ts';
import { ViolationError } from '../../machine/violation.ts';
import type { Violation } from '../../machine/violation.ts';
import { GivenUp } from '../actor.ts';
import type { Actor, Stage } from '../actor.ts';
import { CONTINUE, END, MOST_VALUES, actorOf, isInner, valueChoice, valueOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { Footprint } from '../footprint.ts';
import { CycleWatch } from '../loops/cycle-watch.ts';
import type { Cycle } from '../loops/cycle-watch.ts';
import { livelock } from '../loops/livelock.ts';
import { Loops } from '../loops/loops.ts';
import { Observer, Resources } from '../observer.ts';
import { actorNames, checkProgram, refusePromise } from '../program.ts';
import type { Program, Surroundings } from '../program.ts';
import { Recorder } from '../recorder.ts';
import { SharedState } from '../shared-state.ts';
import { SHOW_PLACES } from '../sight/readers.ts';
import { Debugger } from '../sight/scopes.ts';
import { Sight } from '../sight/sight.ts';
import { addMachine, followsPlaces, followsSlots, hasForeignReleaser, switchIsFree } from '../state-key.ts';
import { NondeterminismError } from '../strategy.ts';
import { addStructure } from '../structure.ts';
import { violationOfThrown } from '../violation-of.ts';
import { STOP } from '../world.ts';
import type { Decide, RaceFacts, World } from '../world.ts';
import { Cast, titleOf } from './cast.ts';
import { judgeEnd } from './judge-end.ts';
import { Marks } from './marks.ts';
import { NotRun } from './not-run.ts';
import { Observed } from './observed.ts';
import { Reruns } from './reruns.ts';
import { StepLog } from './step-log.ts';
import { addParts, hashUnwatched, opaqueHash } from './unwatched.ts';
import type { Unwatched } from './unwatched.ts';

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

/** Runs a program under a strategy's decisions. */
export class Execution implements World, Stage {
  readonly program: Program;
  /** The numbers of what footprints name. */
  readonly resources: Resources = new Resources();
  /** The decisions so far. */
  schedule: Choice[] = [];
  /** Steps so far, if they are kept. */
  steps: StepRecord[] = [];
  /** Steps over all schedules. */
  totalSteps = 0;
  /** The rule that this schedule broke, if any. */
  violation: Violation | undefined = undefined;
  /** Why some schedule could not be explored to its end, if one could not. */
  unexplored: string | undefined = undefined;
  inner = false;
  last = -1;
  looped = false;
  repeats = false;
  /** The round that the schedule ended in, if it did. */
  cycle: Cycle | undefined = undefined;
  /**
   * When an interrupt may arrive, and to which CPU a task may move, depends on more than the footprints of steps say; so
   * does what an allowed break leaves behind, and a judgement of the whole order.
   */
  readonly racing: RaceFacts | undefined;

  private readonly keep: boolean;
  private readonly keepSites: boolean;
  private readonly allowed: ReadonlySet<string>;
  private readonly followSlots: boolean;
  private readonly loops: Loops;
  private readonly reruns: Reruns;
  private sight: Sight | undefined;
  private ownMachine: Machine;
  private observer: Observer;
  private sharedState: SharedState;
  private cast: Cast | undefined = undefined;
  #log = new StepLog(this.resources);
  readonly #notRun = new NotRun();
  readonly #choices: Choice[] = [];
  readonly #innerChoices: Choice[] = [];
  #decide: Decide = () => STOP;
  #baseline: ReadonlySet<object> = new Set();
  #footprint: Footprint | undefined = undefined;
  #phase: 'setup' | 'check' | 'step' | undefined = undefined;
  /** The actor of the running step, its choice and its CPU. */
  #acting: readonly [actor: Actor, choice: Choice, cpu: Cpu | undefined] | undefined = undefined;
  #givenUp = false;
  /** The states of the schedule, from where an actor was first seen to loop. */
  #cycles: CycleWatch | undefined = undefined;
  readonly #hash = new Hash();
  /** The state after the last step, if it is known already. */
  #key: number | undefined = undefined;
  #previous: readonly Choice[] = [];
  /** Whether all steps so far are those of the schedule before, so that what they reach was looked at. */
  #isReplayed = false;
  /** Whether that counts for nothing, because it was not looked at then. */
  #looksAnew = false;
  /** What cannot be watched, as it was before each step of the schedule, and after its last. */
  readonly #unwatched: Unwatched[] = [];
  #taken = 0;
  #partsBefore = 0;
  /** The beginnings of the steps, where the next schedule may begin with the same ones. */
  readonly #marks = new Marks();
  /** Steps at the beginning that are repeated without being observed. */
  #repeated = 0;
  /** Numbers of the resources that every step of an actor changes, by its index: the same in each schedule. */
  readonly #ownResources: (readonly number[])[] = [];

  /**
   * With `keep`, traces and lines are kept for a report; without, it is fast. With `sight`, what the program can reach
   * is looked for, and a footprint and a state are told only as long as nothing is unseen.
   */
  constructor(program: Program, keep = false, sight?: Sight) {
    checkProgram(program);
    this.program = program;
    this.sight = sight;
    this.keep = keep || program.dataRaces === true;
    this.keepSites = keep;
    this.allowed = new Set([...(program.allow ?? []), ...(program.mayKeepMappings === true ? ['leak'] : [])]);
    this.followSlots = followsSlots(program);
    this.racing = this.#raceFacts();
    this.ownMachine = this.#newMachine();
    this.observer = new Observer(this.ownMachine, this.resources, false, true);
    this.sharedState = new SharedState({}, this.observer);
    this.reruns = this.#reruns();
    this.loops = new Loops(this.reruns);
  }

  #reruns(): Reruns {
    const host = {
      schedule: () => this.schedule,
      acting: () => this.#acting?.[0].index ?? -1,
      isBlind: () => this.isBlind,
      isBroken: () => this.violation !== undefined,
    };
    return new Reruns({
      choices: this.#choices,
      get schedule() {
        return host.schedule();
      },
      get acting() {
        return host.acting();
      },
      get isBlind() {
        return host.isBlind();
      },
      get isBroken() {
        return host.isBroken();
      },
      actor: (index) => this.#actorAt(index),
      begin: (decide) => {
        this.begin(decide, 0);
      },
      take: (choice) => {
        this.take(choice);
      },
      takeAlone: (choice) => {
        this.#take(choice, true);
      },
      decideBy: (decide) => {
        const before = this.#decide;
        this.#decide = decide;
        return before;
      },
      lookingFromBeginning: (work) => {
        this.#looksAnew = this.sight === undefined;
        this.sight ??= new Sight(Debugger.shared());
        work();
        this.#looksAnew = false;
      },
    });
  }

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

  get footprint(): Footprint | undefined {
    return this.isBlind ? undefined : this.#footprint;
  }

  /** Whether a step may read or change what cannot be followed. */
  get isBlind(): boolean {
    return this.sight?.isBlind === true;
  }

  /** Parts of the machine that the program was seen to read without an event, by count. */
  get partsRead(): number {
    return (this.sight?.partsRead.size ?? 0) + (this.sight?.partsReadAtEnd.size ?? 0);
  }

  /** Whether a slot of the kmap pool may be told from another. Where rounds are looked for, each must be like the last. */
  get followsPlaces(): boolean {
    return this.observer.followPlaces || this.#cycles !== undefined;
  }

  #showsPlaces(): boolean {
    const { sight } = this;
    if (sight === undefined || followsPlaces(this.program)) return true;
    return SHOW_PLACES.some((part) => sight.partsRead.has(part) || sight.partsReadAtEnd.has(part));
  }

  get keepsHistories(): boolean {
    const { allow = [], dataRaces, machine, parts } = this.program;
    const isJudged = dataRaces === true || allow.length > 0 || machine?.semantics === 'compatible';
    return (
      isJudged || parts !== undefined || this.observer.seen.hasHidden || hasForeignReleaser(this.ownMachine)
    );
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

  /** The part of the program that runs now, as a message names it. */
  get running(): string | undefined {
    if (this.#phase !== 'step') return this.#phase;
    return this.#acting === undefined ? undefined : titleOf(this.program, this.#acting[0]);
  }

  /** The lines at which each actor stopped in the last steps of the schedule, which is run again for that. */
  linesOfLast(steps: number): ReadonlyMap<string, ReadonlySet<string>> {
    return this.reruns.linesOfLast(steps);
  }

  get #actors(): readonly Actor[] {
    return this.cast?.actors ?? [];
  }

  #actorAt(index: number): Actor {
    if (this.cast === undefined) throw new InvariantError('no schedule was begun');
    return this.cast.at(index);
  }

  begin(decide: Decide, sameDecisions?: number): void {
    this.#phase = 'setup';
    this.#begin(decide, sameDecisions);
    this.#phase = undefined;
  }

  #begin(decide: Decide, sameDecisions: number | undefined): void {
    this.#decide = decide;
    this.inner = false;
    this.last = -1;
    this.#footprint = undefined;
    this.violation = undefined;
    this.#givenUp = false;
    this.#previous = this.schedule;
    this.#isReplayed = !this.#looksAnew;
    this.#taken = 0;
    const seesMore = this.#partsBefore !== this.partsRead;
    if (seesMore) this.#unwatched.length = 0;
    this.#partsBefore = this.partsRead;
    this.#key = undefined;
    this.schedule = [];
    this.steps = [];
    this.looped = false;
    this.repeats = false;
    this.#cycles = undefined;
    this.cycle = undefined;
    this.#log = new StepLog(this.resources);
    this.#setUp(this.#repeatedIn(seesMore ? undefined : sameDecisions));
    this.#refresh();
  }

  /** What was observed before the steps that are repeated in a schedule; anew if there are none. */
  #repeatedIn(sameDecisions: number | undefined): Observed {
    const mayRepeat = sameDecisions !== undefined && !this.keep && !this.loops.hasFound;
    this.#repeated = mayRepeat ? this.#marks.stepsIn(sameDecisions) : 0;
    if (this.#repeated === 0) {
      this.#marks.clear();
      return new Observed(mayRepeat);
    }
    const { seen } = this.observer;
    this.#marks.goBack(this.#repeated, seen);
    return seen;
  }

  #setUp(seen: Observed): void {
    const { program, keepSites } = this;
    const machine = this.#newMachine();
    this.ownMachine = machine;
    const observer = new Observer(machine, this.resources, this.keep, this.followSlots, seen);
    observer.isOn = this.#repeated === 0;
    this.observer = observer;
    observer.followPlaces = this.#showsPlaces();
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
    this.#baseline = new Set<object>([...machine.live, ...machine.deviceOwned.mappings]);
    this.sight?.beginSchedule();
    this.sharedState = new SharedState(setup, observer, this.sight?.stranger);
    this.recorder?.shares(setup);
    this.cast = new Cast(this);
    machine.hardware.watchPoints((cpu, where) => {
      this.#atMarkedPoint(cpu, where);
    });
    for (const [name, part] of this.#variants()) this.sight?.value(part, `part ${name}`, true);
    this.sight?.program(program);
    if (observer.isOn) this.#look();
  }

  #newMachine(): Machine {
    const { program } = this;
    return createMachine(
      {
        ...SMALL,
        ...program.machine,
        mode: 'checked',
        trace: false,
        callSites: this.keepSites,
        onViolation: (violation) => {
          if (!this.allowed.has(violation.rule)) throw new ViolationError(violation);
        },
      },
      program.parts,
    );
  }

  readonly raise = (interrupt: string): void => {
    const actor = this.cast?.interrupt(interrupt);
    this.observer.footprint.write(this.resources.id(`interrupt ${interrupt}`));
    actor?.raise(this.#acting?.[2] === undefined ? undefined : this.ownMachine.executing);
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

  softirqFirst(cpu: Cpu): boolean {
    return this.cast?.mustRunOn(cpu) === true;
  }

  take(choice: Choice): void {
    if (choice === END) this.#endHere();
    else this.#take(choice, false);
  }

  /** Takes a step; one that is alone only shows whether an actor goes on as before. */
  #take(choice: Choice, isAlone: boolean): void {
    const actor = this.#actorAt(actorOf(choice));
    const first = this.schedule.length;
    this.schedule.push(choice);
    this.totalSteps += 1;
    if (this.#taken < this.#repeated) {
      this.#repeat(actor, choice);
      return;
    }
    if (!this.observer.isOn) this.#resume();
    const footprint = new Footprint();
    this.#footprint = footprint;
    this.observer.footprint = footprint;
    const cpu = actor.cpuFor(choice);
    if (this.keep) this.#note(actor, choice, cpu);
    if (this.observer.seen.goesBack) this.#marks.add(first, this.observer.seen, this.#actors, footprint);
    this.#perform(actor, choice, cpu, footprint);
    this.#log.add(actor.index, footprint, actor.sleepsOn);
    this.last = actor.index;
    this.#key = undefined;
    // What the same steps did before was looked at then.
    if (!this.#isReplayed && !isAlone) this.#look();
    if (!this.loops.isLooking && this.schedule.length > (this.program.maxSteps ?? MAX_STEPS)) this.#tooLong();
    this.#refresh();
    this.looped = this.violation === undefined && !this.#givenUp && this.loops.ended(actor.index);
    if (this.looped) {
      this.#key = undefined;
      this.#cycles ??= new CycleWatch();
    }
    if (this.#cycles !== undefined && this.violation === undefined) this.#checkCycle(this.#cycles, first);
    const isOver = this.#choices.length === 0 && this.violation === undefined && !this.#givenUp;
    if (isOver && !isAlone) this.#finish();
  }

  /** Takes a step that is known from the schedule before. */
  #repeat(actor: Actor, choice: Choice): void {
    const { observer } = this;
    const footprint = this.#marks.footprintOf(this.#taken) ?? observer.footprint;
    this.#footprint = footprint;
    observer.footprint = footprint;
    this.#taken += 1;
    this.#act(actor, choice, actor.cpuFor(choice));
    actor.stepRepeated();
    this.#log.add(actor.index, footprint, actor.sleepsOn);
    this.last = actor.index;
    this.#refresh();
    if (this.violation !== undefined || this.#givenUp)
      throw new NondeterminismError('steps that were repeated ended otherwise than before');
  }

  /** Goes on with steps that are observed. */
  #resume(): void {
    this.#marks.resume(this.#actors, this.ownMachine.hardware.memory);
    this.observer.isOn = true;
  }

  #act(actor: Actor, choice: Choice, cpu: Cpu | undefined): void {
    const { observer } = this;
    observer.learnt = actor.learnt;
    observer.exposed = actor.exposed;
    this.#acting = [actor, choice, cpu];
    this.#phase = 'step';
    this.#try(() => {
      actor.act(choice);
      this.ownMachine.guard?.syncArrays();
    });
    this.#phase = undefined;
    observer.learnt = undefined;
    observer.exposed = undefined;
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

  /** Ends a schedule that would go round for ever although every actor gets its turn. */
  #checkCycle(cycles: CycleWatch, first: number): void {
    const key = this.stateKey();
    if (key === undefined) return;
    const acted = this.schedule.slice(first).filter((choice) => !isInner(choice));
    // An interrupt that need not come is not starved when it does not.
    const enabled = this.#choices.flatMap((choice) =>
      choice === END || this.#actorAt(actorOf(choice)).mayStayAway ? [] : actorOf(choice),
    );
    const cycle = cycles.note(key, acted.map(actorOf), enabled, this.schedule.length);
    this.repeats = cycle !== undefined;
    if (cycle === undefined || cycle.starved.size > 0) return;
    this.cycle = cycle;
    this.#try(() => {
      this.ownMachine.hardware.violate(livelock(cycle, this.names, this.ownMachine.executing.state()));
    });
    if (this.violation !== undefined) this.#choices.length = 0;
  }

  /** Ends the schedule without the interrupts that need not come. */
  #endHere(): void {
    if (!this.observer.isOn) this.#resume();
    this.#footprint = new Footprint();
    this.#footprint.everything = true;
    this.schedule.push(END);
    this.#choices.length = 0;
    this.#finish();
  }

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
    if (this.recorder !== undefined) this.recorder.acts(titleOf(this.program, actor), this.steps.length);
    this.steps.push({
      at: this.schedule.length - 1,
      choice,
      actor: actor.index,
      cpu: cpu?.id ?? -1,
      firstEvent: this.observer.dropped + this.observer.events.length,
    });
  }

  #perform(actor: Actor, choice: Choice, cpu: Cpu | undefined, footprint: Footprint): void {
    const machine = this.ownMachine;
    const from = actor.context?.cpu;
    const free =
      (cpu === undefined || switchIsFree(machine, cpu, this.followSlots)) &&
      (from === undefined || switchIsFree(machine, from, this.followSlots));
    const wakeUps = this.sharedState.wakeUps();
    const start = this.schedule.length - 1;
    const before = this.#unwatchedBefore() ?? hashUnwatched(this.#places);
    this.#unwatched[this.#taken] = before;
    this.#taken += 1;
    this.#startActing(actor, before.opaque);
    this.#notRun.during(
      () => this.running,
      () => {
        this.#act(actor, choice, cpu);
      },
    );
    if (!this.#givenUp) this.#notRun.check();
    this.recorder?.ends();
    actor.stepEnded();
    for (const resource of this.#resourcesOf(actor)) footprint.write(resource);
    this.#touchCpu(cpu, free, footprint);
    if (from !== cpu) this.#touchCpu(from, free, footprint);
    // The same steps did the same before.
    for (let i = start; i < this.schedule.length; i += 1)
      this.#isReplayed &&= this.#previous[i] === this.schedule[i];
    const after = this.#unwatchedBefore() ?? hashUnwatched(this.#places);
    this.#unwatched[this.#taken] = after;
    const changed = after.opaque !== before.opaque || this.sharedState.wakeUps() !== wakeUps;
    if (before.opaque !== 0 && changed) footprint.write(this.resources.id('opaque'));
    if (before.opaque !== 0) footprint.read(this.resources.id('opaque'));
    if (after.atEnd !== before.atEnd) footprint.write(this.resources.id('read at the end'));
  }

  #resourcesOf(actor: Actor): readonly number[] {
    return (this.#ownResources[actor.index] ??= actor.resources.map((name) => this.resources.id(name)));
  }

  #touchCpu(cpu: Cpu | undefined, free: boolean, footprint: Footprint): void {
    if (cpu === undefined) return;
    const resource = this.resources.cpu(cpu.id);
    if (free && switchIsFree(this.ownMachine, cpu, this.followSlots)) footprint.read(resource);
    else footprint.write(resource);
  }

  /** What it was at this place of the schedule before, if the steps up to here are the same. */
  #unwatchedBefore(): Unwatched | undefined {
    return this.#isReplayed && this.sight !== undefined ? this.#unwatched[this.#taken] : undefined;
  }

  get #places(): Parameters<typeof hashUnwatched>[0] {
    const { machine, observer, sharedState, sight } = this;
    return { machine, observer, sharedState, sight };
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
    if (this.observer.learnt === undefined || this.inner) return;
    for (;;) {
      const choices = this.#innerChoices;
      choices.length = 0;
      choices.push(CONTINUE);
      for (const actor of this.cast?.interrupts ?? []) actor.addArrival(cpu, choices);
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
    const actor = this.cast?.interrupts.find(({ index }) => index === actorOf(choice));
    if (actor === undefined) throw new ConfigError('only an interrupt arrives at a marked point');
    const observer = this.observer;
    const { learnt, exposed } = observer;
    const outer = this.#acting;
    const cpu = actor.cpuFor(choice);
    if (this.keep) this.#note(actor, choice, cpu);
    this.#acting = [actor, choice, cpu];
    if (observer.isOn) this.#startActing(actor, opaqueHash(this.#places));
    actor.runThrough(choice);
    // The events after this belong to the interrupted actor again.
    if (this.keep && outer !== undefined) this.#note(...outer);
    this.#log.add(actor.index, observer.footprint, undefined);
    this.#acting = outer;
    if (!observer.isOn) {
      actor.stepRepeated();
      return;
    }
    actor.stepEnded();
    for (const resource of this.#resourcesOf(actor)) observer.footprint.write(resource);
    // What the interrupted actor reads from now on may be what the handler left.
    if (outer === undefined) Object.assign(observer, { learnt, exposed });
    else this.#startActing(outer[0], opaqueHash(this.#places));
  }

  #refresh(): void {
    this.#choices.length = 0;
    if (this.violation === undefined && !this.#givenUp) this.cast?.addChoices(this.#choices);
  }

  /** Judges the end, when no actor has a choice left. */
  #finish(): void {
    const end = {
      program: this.program,
      machine: this.ownMachine,
      surroundings: this.surroundings,
      tasks: this.cast?.tasks ?? [],
      shared: this.sharedState.watched,
      baseline: this.#baseline,
      actors: this.#actors,
      log: this.#log,
      stuck: this.#actors.some(({ isUnfinished }) => isUnfinished),
      events: this.observer.events,
      recorder: this.recorder,
    };
    judgeEnd(end, this.allowed, (work) => {
      this.#phase = 'check';
      this.#try(work);
      this.#phase = undefined;
      return this.violation === undefined;
    });
  }

  stateKey(): number | undefined {
    return this.isBlind ? undefined : (this.#key ??= this.#hashState());
  }

  #hashState(): number {
    const hash = this.#hash.reset();
    for (const actor of this.#actors) actor.addTo(hash);
    addMachine(hash, this.ownMachine, this.observer, this.followsPlaces);
    hash.add(this.keepsHistories ? 1 : 0);
    this.sharedState.addTo(hash);
    for (const [, part] of this.#variants()) addStructure(hash, part, this.sight?.stranger);
    const { sight } = this;
    if (sight !== undefined)
      for (const parts of [sight.partsRead, sight.partsReadAtEnd]) addParts(hash, parts, this.#places);
    return hash.value;
  }
}
