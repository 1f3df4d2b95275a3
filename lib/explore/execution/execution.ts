/**
 * A program as a world: run from the beginning as often as asked, each time on a new machine.
 */
import { ConfigError, InvariantError } from '../../base/invariant.ts';
import { configWhole } from '../../base/whole.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { TraceEvent, Actor as TraceActor } from '../../machine/trace.ts';
import { ViolationError } from '../../machine/violation.ts';
import type { Violation } from '../../machine/violation.ts';
import { GivenUp } from '../actor.ts';
import type { Actor, Stage } from '../actor.ts';
import { END, actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { Footprint } from '../footprint.ts';
import { Pace } from '../loops/pace.ts';
import { Resources } from '../observer.ts';
import { actorNames, checkProgram } from '../program.ts';
import type { Program, Surroundings } from '../program.ts';
import type { Recorder } from '../recorder.ts';
import { Debugger } from '../sight/scopes.ts';
import { Sight } from '../sight/sight.ts';
import { NondeterminismError } from '../strategy.ts';
import { violationOfThrown } from '../violation-of.ts';
import { STOP } from '../world.ts';
import type { Decide, RaceFacts, World } from '../world.ts';
import { Cast, titleOf } from './cast.ts';
import { InsideStep } from './inside-step.ts';
import { judgeEnd } from './judge-end.ts';
import { Marks } from './marks.ts';
import { NotRun } from './not-run.ts';
import { Observed } from './observed.ts';
import { raceFacts } from './race-facts.ts';
import { Rounds } from './rounds.ts';
import type { Circling } from './rounds.ts';
import { Run, configOf } from './run.ts';
import type { RunOptions } from './run.ts';
import { StepWatch, startActing } from './step-watch.ts';
import { opaqueHash } from './unwatched.ts';

/** Steps after which a schedule counts as one that does not end. */
const MAX_STEPS = 10_000;

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

/** Stands for the program before its first schedule. */
const EMPTY: Program = { tasks: {} };

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
  last = -1;
  isOver: (() => boolean) | undefined = undefined;
  /** How long schedules go on, and who goes first. */
  readonly pace: Pace;
  /** Where schedules come back to where they were. */
  readonly rounds: Rounds<StepRecord>;

  private readonly raceFacts: RaceFacts | undefined;
  private readonly options: RunOptions;
  private readonly inside: InsideStep;
  private readonly watch: StepWatch;
  private sight: Sight | undefined;
  private run: Run;
  private cast: Cast | undefined = undefined;
  readonly #notRun = new NotRun();
  readonly #choices: Choice[] = [];
  #decide: Decide = () => STOP;
  #footprint: Footprint | undefined = undefined;
  #phase: 'setup' | 'check' | 'step' | undefined = undefined;
  /** The actor of the running step, its choice and its CPU. */
  #acting: readonly [actor: Actor, choice: Choice, cpu: Cpu | undefined] | undefined = undefined;
  #givenUp = false;
  /** Whether that was because a decision inside a step was not to go on. */
  #isStopped = false;
  /** The state after the last step, if it is known already. */
  #key: number | undefined = undefined;
  /** Whether it counts for nothing that the same steps were looked at before. */
  #looksAnew = false;
  /** The beginnings of the steps, where the next schedule may begin with the same ones. */
  readonly #marks = new Marks();
  /** Steps at the beginning that are repeated without being observed. */
  #repeated = 0;

  /**
   * With `keep`, traces and lines are kept for a report; without, it is fast. With `sight`, what the program can reach
   * is looked for, and a footprint and a state are told only as long as nothing is unseen.
   */
  constructor(program: Program, keep = false, sight?: Sight) {
    checkProgram(program);
    this.program = program;
    this.sight = sight;
    const leak = program.mayKeepMappings === true ? ['leak'] : [];
    const allowed = new Set([...(program.allow ?? []), ...leak]);
    this.options = {
      program,
      config: configOf(program, keep, allowed),
      resources: this.resources,
      keep: keep || program.dataRaces === true,
      keepSites: keep,
      allowed,
    };
    this.pace = new Pace(program.maxSteps ?? MAX_STEPS);
    this.raceFacts = raceFacts(program, {
      isCut: () => this.#isCut,
      mayStayAway: (actor) => this.#actorAt(actor).mayStayAway,
      held: () => this.cast?.held((name) => this.resources.id(name)) ?? new Map(),
    });
    this.inside = new InsideStep(() => this.#decided());
    this.watch = new StepWatch(this.resources);
    this.run = new Run({ ...this.options, program: EMPTY }, undefined, new Observed(false), false);
    this.rounds = this.#rounds();
  }

  #rounds(): Rounds<StepRecord> {
    const host: Circling<StepRecord> = {
      choices: this.#choices,
      schedule: () => this.schedule,
      acting: () => this.#acting?.[0].index ?? -1,
      isBlind: () => this.isBlind,
      isBroken: () => this.violation !== undefined,
      actor: (index) => this.#actorAt(index),
      begin: (decide) => {
        this.begin(decide, 0);
      },
      isOver: () => this.isOver?.() === true,
      take: (choice, isAlone) => {
        this.#take(choice, isAlone);
      },
      decideBy: (decide) => {
        const before = this.#decide;
        this.#decide = decide;
        return before;
      },
      lookingFromBeginning: (work) => {
        this.#looksAnew = this.sight === undefined;
        this.sight ??= new Sight(Debugger.shared());
        try {
          work();
        } finally {
          this.#looksAnew = false;
        }
      },
      steps: () => this.steps,
      goBack: (schedule, steps) => {
        this.schedule = [...schedule];
        this.steps = [...steps];
      },
      actors: () => this.#actors,
      last: () => this.last,
      able: () => {
        const able: Choice[] = [];
        this.cast?.addChoices(able);
        return able;
      },
      names: () => this.names,
      titleOf: (actor) => titleOf(this.program, actor),
      onlyRead: (actor, steps) => this.run.log.onlyRead(actor, steps),
      stateKey: () => this.stateKey(),
      forgot: () => {
        this.#key = undefined;
      },
      violate: (facts) => {
        const { hardware, executing } = this.run.machine;
        this.#try(() => {
          hardware.violate(facts(executing.state()));
        });
        if (this.violation !== undefined) this.#choices.length = 0;
      },
      giveUp: () => {
        this.#givenUp = true;
      },
      hasGivenUp: () => this.#givenUp,
    };
    return new Rounds(host, this.pace.patience);
  }

  get looped(): boolean {
    return this.rounds.looped;
  }

  get repeats(): boolean {
    return this.rounds.repeats;
  }

  /** Why some schedule could not be explored to its end, if one could not. */
  get unexplored(): string | undefined {
    return this.rounds.unexplored;
  }

  /** Whether the schedule has ended although an actor could have done more. */
  get #isCut(): boolean {
    if (this.violation !== undefined || this.#givenUp) return true;
    // What may stay away has done so then.
    return this.schedule.at(-1) !== END && this.#actors.some(({ hasMore }) => hasMore);
  }

  get inner(): boolean {
    return this.inside.isAsked;
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
    return this.run.observer.followPlaces || this.rounds.areFollowed;
  }

  get keepsHistories(): boolean {
    return this.run.keepsHistories;
  }

  get racing(): RaceFacts | undefined {
    return this.pace.patience.lost > 0 ? undefined : this.raceFacts;
  }

  get machine(): Machine {
    return this.run.machine;
  }

  get shared(): object {
    return this.run.sharedState.watched;
  }

  get choices(): readonly Choice[] {
    return this.inner ? this.inside.choices : this.#choices;
  }

  /** Everything that happened, if it is kept. */
  get events(): readonly TraceEvent[] {
    return this.run.observer.events;
  }

  /** Events that were dropped before them, because there were too many. */
  get droppedEvents(): number {
    return this.run.observer.dropped;
  }

  /** What only a report needs, where lines are kept. */
  get recorder(): Recorder | undefined {
    return this.run.observer.recorder;
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
    return this.rounds.reruns.linesOfLast(steps);
  }

  get #actors(): readonly Actor[] {
    return this.cast?.actors ?? [];
  }

  #actorAt(index: number): Actor {
    if (this.cast === undefined) throw new ConfigError(`no actor ${String(index)}: no schedule was begun`);
    return this.cast.at(index);
  }

  begin(decide: Decide, sameDecisions?: number): void {
    configWhole('sameDecisions', sameDecisions ?? 0, 0);
    this.#phase = 'setup';
    this.#begin(decide, sameDecisions);
    this.#phase = undefined;
  }

  #begin(decide: Decide, sameDecisions: number | undefined): void {
    this.#decide = decide;
    this.inside.isAsked = false;
    this.last = -1;
    this.#footprint = undefined;
    this.violation = undefined;
    this.#givenUp = false;
    this.#isStopped = false;
    this.#key = undefined;
    const seesAsBefore = this.watch.begin(this.schedule, !this.#looksAnew, this.partsRead);
    this.schedule = [];
    this.steps = [];
    this.rounds.begin();
    this.pace.begin();
    const seen = this.#seenBefore(seesAsBefore ? sameDecisions : undefined);
    this.run = new Run(this.options, this.sight, seen, this.#repeated > 0);
    this.cast = new Cast(this);
    this.machine.hardware.watchPoints((cpu, where) => {
      this.#atMarkedPoint(cpu, where);
    });
    this.run.lookAtProgram();
    if (this.#repeated === 0) this.#look();
    this.#refresh();
  }

  /** What was observed before the steps that are repeated in a schedule; anew if there are none. */
  #seenBefore(sameDecisions: number | undefined): Observed {
    const { most, patience } = this.pace;
    const mayRepeat =
      sameDecisions !== undefined && !this.options.keep && !this.rounds.hasLoops && patience.lost === 0;
    this.#repeated = mayRepeat ? Math.min(Math.floor(most / 2), this.#marks.stepsIn(sameDecisions)) : 0;
    if (this.#repeated === 0) {
      this.#marks.clear();
      return new Observed(mayRepeat);
    }
    const { seen } = this.run.observer;
    this.#marks.goBack(this.#repeated, seen);
    return seen;
  }

  readonly raise = (interrupt: string): void => {
    const actor = this.cast?.interrupt(interrupt);
    const { footprint } = this.run.observer;
    footprint.write(this.resources.id(`interrupt ${interrupt}`));
    const by = this.#acting?.[2] === undefined ? undefined : this.run.machine.executing;
    // A softirq may have to run before the task of the CPU goes on.
    if (by !== undefined) footprint.write(this.resources.cpu(by.cpu.id));
    actor?.raise(by);
  };

  readonly choose = (count: number): number => {
    const { observer } = this.run;
    if (observer.learnt === undefined || this.inner)
      throw new ConfigError('choose is for the steps of tasks, handlers and devices');
    const value = this.inside.value(count);
    observer.learnt.add(value);
    observer.record({ event: 'choose', by: this.#by(), value, count });
    return value;
  };

  readonly note = (text: string): void => {
    if (this.run.observer.learnt !== undefined)
      this.run.observer.record({ event: 'note', by: this.#by(), text });
  };

  get surroundings(): Surroundings {
    const { machine, raise, choose, note } = this;
    return { machine, raise, choose, note };
  }

  #by(): TraceActor {
    const { name, cpu } = this.run.machine.executing;
    return { name, cpu: cpu.id };
  }

  softirqFirst(cpu: Cpu): boolean {
    return this.cast?.mustRunOn(cpu) === true;
  }

  take(choice: Choice): void {
    this.#take(choice, false);
  }

  /** Takes a step; one that is alone only shows whether an actor goes on as before. */
  #take(choice: Choice, isAlone: boolean): void {
    if (choice === END) {
      this.#endHere();
      return;
    }
    const actor = this.#actorAt(actorOf(choice));
    const first = this.schedule.length;
    this.schedule.push(choice);
    this.totalSteps += 1;
    if (this.watch.steps < this.#repeated) {
      this.#repeat(actor, choice);
      return;
    }
    if (!this.run.observer.isOn) this.#resume();
    const footprint = new Footprint();
    this.#footprint = footprint;
    this.run.observer.footprint = footprint;
    const cpu = actor.cpuFor(choice);
    if (this.options.keep) this.#note(actor, choice, cpu);
    if (this.run.observer.seen.goesBack)
      this.#marks.add(first, this.run.observer.seen, this.#actors, footprint);
    this.#perform(actor, choice, cpu, footprint);
    this.run.log.add(actor.index, footprint, actor.sleepsOn);
    this.last = actor.index;
    this.#key = undefined;
    // What the same steps did before was looked at then.
    if (!this.watch.isReplayed && !isAlone) this.#look();
    this.pace.patience.acted(actor);
    const stage = isAlone ? 'goes on' : this.pace.stageAt(this.schedule.length);
    if (stage === 'is too long') this.rounds.tooLong();
    this.#refresh(isAlone);
    this.rounds.stepEnded(actor.index, first);
    const isOver = this.#choices.length === 0 && this.violation === undefined && !this.#givenUp;
    if (isOver && !isAlone) this.#finish();
    if (stage === 'takes turns from here' && !this.options.keep) this.rounds.leaveOut();
  }

  /** Takes a step that is known from the schedule before. */
  #repeat(actor: Actor, choice: Choice): void {
    const { observer } = this.run;
    const footprint = this.#marks.footprintOf(this.watch.steps) ?? observer.footprint;
    this.#footprint = footprint;
    observer.footprint = footprint;
    this.watch.steps += 1;
    this.#act(actor, choice, actor.cpuFor(choice));
    actor.stepRepeated();
    this.run.log.add(actor.index, footprint, actor.sleepsOn);
    this.last = actor.index;
    this.#refresh();
    // A strategy or the clock may end a schedule inside a step that is known.
    if (this.violation !== undefined || (this.#givenUp && !this.#isStopped))
      throw new NondeterminismError('steps that were repeated ended otherwise than before');
  }

  /** Goes on with steps that are observed. */
  #resume(): void {
    this.#marks.resume(this.#actors, this.run.machine.hardware.memory);
    this.run.observer.isOn = true;
  }

  #act(actor: Actor, choice: Choice, cpu: Cpu | undefined): void {
    const { observer } = this.run;
    observer.learnt = actor.learnt;
    observer.exposed = actor.exposed;
    this.#acting = [actor, choice, cpu];
    this.#phase = 'step';
    this.#try(() => {
      actor.act(choice);
      this.run.machine.guard?.syncArrays();
    });
    this.#phase = undefined;
    observer.learnt = undefined;
    observer.exposed = undefined;
  }

  /** Ends the schedule without the interrupts that need not come. */
  #endHere(): void {
    if (!this.run.observer.isOn) this.#resume();
    this.#footprint = new Footprint();
    this.#footprint.everything = true;
    this.schedule.push(END);
    this.#choices.length = 0;
    this.#finish();
  }

  /** Looks whether the step that ended came to reach, or changed, what cannot be followed. */
  #look(): void {
    if (this.sight === undefined || this.isBlind) return;
    this.#key = this.run.hashState(this.#actors, this.followsPlaces);
    this.run.lookAtObjects();
  }

  #note(actor: Actor, choice: Choice, cpu: Cpu | undefined): void {
    if (this.recorder !== undefined) this.recorder.acts(titleOf(this.program, actor), this.steps.length);
    this.steps.push({
      at: this.schedule.length - 1,
      choice,
      actor: actor.index,
      cpu: cpu?.id ?? -1,
      firstEvent: this.run.observer.dropped + this.run.observer.events.length,
    });
  }

  #perform(actor: Actor, choice: Choice, cpu: Cpu | undefined, footprint: Footprint): void {
    const start = this.schedule.length - 1;
    const before = this.watch.before(this.run, actor, cpu);
    startActing(this.run, actor, before.unwatched.opaque);
    this.#notRun.during(
      () => this.running,
      () => {
        this.#act(actor, choice, cpu);
      },
    );
    if (!this.#givenUp) this.#notRun.check();
    this.recorder?.ends();
    actor.stepEnded();
    this.watch.addOwn(actor, footprint);
    this.watch.after(this.run, before, footprint, this.schedule, start);
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ViolationError) this.violation = error.violation;
      else if (error instanceof GivenUp) {
        this.#givenUp = true;
        if (error.message !== '') this.rounds.unexplored ??= error.message;
      } else if (error instanceof InvariantError || error instanceof ConfigError) throw error;
      else {
        this.violation = violationOfThrown(error, this.run.machine.executing.state());
        this.recorder?.threw(this.violation);
      }
    }
  }

  /** What the strategy decides inside a step; it is no part of the program, and may look at the clock. */
  #decided(): Choice {
    const phase = this.#phase;
    this.#phase = undefined;
    const choice = this.#decide(this);
    this.#phase = phase;
    if (choice === STOP) this.#isStopped = true;
    else this.schedule.push(choice);
    return choice;
  }

  /** Lets the strategy choose the interrupts that arrive at a marked point, one after another. */
  #atMarkedPoint(cpu: Cpu, where: string): void {
    if (this.run.observer.learnt === undefined || this.inner) return;
    for (;;) {
      const choice = this.inside.arrival(this.cast?.interrupts ?? [], cpu);
      if (choice === undefined) return;
      if (this.recorder !== undefined)
        this.run.observer.record({ event: 'interrupted', by: this.#by(), where });
      this.#interruptHere(choice);
    }
  }

  #interruptHere(choice: Choice): void {
    const actor = this.cast?.interrupts.find(({ index }) => index === actorOf(choice));
    if (actor === undefined) throw new ConfigError('only an interrupt arrives at a marked point');
    const observer = this.run.observer;
    const { learnt, exposed } = observer;
    const outer = this.#acting;
    const cpu = actor.cpuFor(choice);
    if (this.options.keep) this.#note(actor, choice, cpu);
    this.#acting = [actor, choice, cpu];
    if (observer.isOn) startActing(this.run, actor, opaqueHash(this.run));
    actor.runThrough(choice);
    // The events after this belong to the interrupted actor again.
    if (this.options.keep && outer !== undefined) this.#note(...outer);
    this.run.log.add(actor.index, observer.footprint, undefined);
    this.#acting = outer;
    if (!observer.isOn) {
      actor.stepRepeated();
      return;
    }
    actor.stepEnded();
    this.watch.addOwn(actor, observer.footprint);
    // What the interrupted actor reads from now on may be what the handler left.
    if (outer === undefined) Object.assign(observer, { learnt, exposed });
    else startActing(this.run, outer[0], opaqueHash(this.run));
  }

  #refresh(isAlone = false): void {
    const choices = this.#choices;
    choices.length = 0;
    if (this.violation !== undefined || this.#givenUp) return;
    this.cast?.addChoices(choices);
    this.rounds.offer(choices);
    if (!isAlone)
      this.pace.restrict(choices, this.schedule.length, this.last, (index) => this.#actorAt(index));
  }

  /** Judges the end, when no actor has a choice left. */
  #finish(): void {
    const end = {
      program: this.program,
      machine: this.run.machine,
      surroundings: this.surroundings,
      tasks: this.cast?.tasks ?? [],
      shared: this.run.sharedState.watched,
      baseline: this.run.baseline,
      actors: this.#actors,
      log: this.run.log,
      stuck: this.#actors.some(({ isUnfinished }) => isUnfinished),
      events: this.run.observer.events,
      recorder: this.recorder,
    };
    judgeEnd(end, this.options.allowed, (work) => {
      this.#phase = 'check';
      this.#try(work);
      this.#phase = undefined;
      return this.violation === undefined;
    });
  }

  stateKey(): number | undefined {
    return this.isBlind ? undefined : (this.#key ??= this.run.hashState(this.#actors, this.followsPlaces));
  }
}
