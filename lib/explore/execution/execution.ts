/**
 * A program as a world: run from the beginning as often as asked, each time on a new machine.
 */
import { ConfigError } from '../../base/invariant.ts';
import { configWhole } from '../../base/whole.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import type { Violation } from '../../machine/violation.ts';
import type { Actor, Stage } from '../actor.ts';
import { END, actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { Footprint } from '../footprint.ts';
import { Pace } from '../loops/pace.ts';
import { Resources } from '../observer.ts';
import { actorNames, checkProgram } from '../program.ts';
import type { Program, Surroundings } from '../program.ts';
import type { Recorder } from '../recorder.ts';
import type { Sight } from '../sight/sight.ts';
import { NondeterminismError } from '../strategy.ts';
import { STOP } from '../world.ts';
import type { Decide, RaceFacts, World } from '../world.ts';
import { Acting } from './acting.ts';
import type { Step } from './acting.ts';
import { Cast } from './cast.ts';
import { InsideStep } from './inside-step.ts';
import { interruptAt } from './interruption.ts';
import { judgeEnd } from './judge-end.ts';
import { Marks } from './marks.ts';
import { NotRun } from './not-run.ts';
import { Observed } from './observed.ts';
import { Outlook } from './outlook.ts';
import { raceFacts } from './race-facts.ts';
import { Rounds } from './rounds.ts';
import type { Circling } from './rounds.ts';
import { Run, configOf } from './run.ts';
import type { RunOptions } from './run.ts';
import { recordStep } from './step-record.ts';
import type { StepRecord } from './step-record.ts';
import { StepWatch, startActing } from './step-watch.ts';
import { givenFunctions } from './surroundings.ts';

/** Steps after which a schedule counts as one that does not end. */
const MAX_STEPS = 10_000;

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
  last = -1;
  isOver: (() => boolean) | undefined = undefined;
  /** Told of each event that is kept, when it happens, from the first step on. */
  onEvent: ((event: TraceEvent) => void) | undefined = undefined;
  /** How long schedules go on, and who goes first. */
  readonly pace: Pace;
  /** Where schedules come back to where they were. */
  readonly rounds: Rounds<StepRecord>;

  private readonly raceFacts: RaceFacts | undefined;
  private readonly options: RunOptions;
  private readonly acting: Acting;
  private readonly inside: InsideStep;
  private readonly watch: StepWatch;
  private readonly outlook: Outlook;
  private readonly given: Omit<Surroundings, 'machine'>;
  private run: Run;
  private cast: Cast | undefined = undefined;
  readonly #notRun = new NotRun();
  readonly #choices: Choice[] = [];
  #decide: Decide = () => STOP;
  #footprint: Footprint | undefined = undefined;
  /** Whether this schedule was given up because a decision inside a step was not to go on. */
  #isStopped = false;
  /** The beginnings of the steps, where the next schedule may begin with the same ones. */
  private readonly marks = new Marks();

  /**
   * With `keep`, traces and lines are kept for a report; without, it is fast. With `sight`, what the program can reach
   * is looked for, and a footprint and a state are told only as long as nothing is unseen.
   */
  constructor(program: Program, keep = false, sight?: Sight) {
    checkProgram(program);
    this.program = program;
    this.outlook = new Outlook(sight);
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
    this.acting = new Acting(program);
    this.inside = new InsideStep(() => this.#decided());
    this.watch = new StepWatch(this.resources);
    this.run = new Run({ ...this.options, program: EMPTY }, undefined, new Observed(false), false);
    const { acting, inside, resources } = this;
    const here = { run: () => this.run, cast: () => this.cast };
    this.given = givenFunctions({ ...here, acting, inside, resources });
    this.rounds = this.#rounds();
  }

  #rounds(): Rounds<StepRecord> {
    const host: Circling<StepRecord> = {
      world: this,
      acting: this.acting,
      actor: (index) => this.#actorAt(index),
      take: (choice, isAlone) => {
        this.#take(choice, isAlone);
      },
      decideBy: (decide) => {
        const before = this.#decide;
        this.#decide = decide;
        return before;
      },
      lookingFromBeginning: (work) => {
        this.outlook.fromBeginning(work);
      },
      actors: () => this.#actors,
      able: () => {
        const able: Choice[] = [];
        this.cast?.addChoices(able);
        return able;
      },
      onlyRead: (actor, steps) => this.run.log.onlyRead(actor, steps),
      forgot: () => {
        this.outlook.forget();
      },
      violate: (facts) => {
        const { hardware, executing } = this.run.machine;
        this.acting.try(this.run, () => {
          hardware.violate(facts(executing.state()));
        });
        if (this.acting.violation !== undefined) this.#choices.length = 0;
      },
    };
    return new Rounds(host, this.pace.patience);
  }

  /** The rule that this schedule broke, if any. */
  get violation(): Violation | undefined {
    return this.acting.violation;
  }

  get looped(): boolean {
    return this.rounds.looped;
  }

  get repeats(): boolean {
    return this.rounds.repeats;
  }

  /** Why some schedule could not be explored to its end, if one could not. */
  get unexplored(): string | undefined {
    return this.acting.unexplored ?? this.rounds.unexplored;
  }

  /** Whether the schedule has ended although an actor could have done more. */
  get #isCut(): boolean {
    if (this.acting.isOver) return true;
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
    return this.outlook.isBlind;
  }

  /** Parts of the machine that the program was seen to read without an event, by count. */
  get partsRead(): number {
    return this.outlook.partsRead;
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
    return this.acting.running;
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
    this.acting.begin(() => {
      this.#begin(decide, sameDecisions);
    });
  }

  #begin(decide: Decide, sameDecisions: number | undefined): void {
    this.#decide = decide;
    this.inside.isAsked = false;
    this.last = -1;
    this.#footprint = undefined;
    this.#isStopped = false;
    this.outlook.forget();
    const seesAsBefore = this.watch.begin(this.schedule, !this.outlook.looksAnew, this.partsRead);
    this.schedule = [];
    this.steps = [];
    this.rounds.begin();
    this.pace.begin();
    const { most, patience } = this.pace;
    const mayRepeat = seesAsBefore && !this.options.keep && !this.rounds.hasLoops && patience.lost === 0;
    const seen = this.marks.begin(
      mayRepeat ? sameDecisions : undefined,
      Math.floor(most / 2),
      this.run.observer.seen,
    );
    const run = new Run(this.options, this.outlook.sight, seen, this.marks.repeated > 0);
    this.run = run;
    run.observer.onEvent = this.onEvent;
    const cast = new Cast(this);
    this.cast = cast;
    const note = (step: Step): void => {
      this.#note(step);
    };
    const { acting, inside, watch } = this;
    const host = { run, interrupts: cast.interrupts, acting, inside, watch, note };
    run.machine.hardware.watchPoints((cpu, where) => {
      interruptAt(host, cpu, where);
    });
    this.run.lookAtProgram();
    if (this.marks.repeated === 0) this.#look();
    this.#refresh();
  }

  get surroundings(): Surroundings {
    const { raise, choose, note } = this.given;
    return { machine: this.machine, raise, choose, note };
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
    if (this.watch.steps < this.marks.repeated) {
      this.#repeat(actor, choice);
      return;
    }
    if (!this.run.observer.isOn) this.#resume();
    const footprint = new Footprint();
    this.#footprint = footprint;
    this.run.observer.footprint = footprint;
    const cpu = actor.cpuFor(choice);
    const step: Step = [actor, choice, cpu];
    this.#note(step);
    if (this.run.observer.seen.goesBack)
      this.marks.add(first, this.run.observer.seen, this.#actors, footprint);
    this.#perform(step, footprint);
    this.run.log.add(actor.index, footprint, actor.sleepsOn);
    this.last = actor.index;
    this.outlook.forget();
    // What the same steps did before was looked at then.
    if (!this.watch.isReplayed && !isAlone) this.#look();
    this.pace.patience.acted(actor);
    const stage = isAlone ? 'goes on' : this.pace.stageAt(this.schedule.length);
    if (stage === 'is too long') this.rounds.tooLong();
    this.#refresh(isAlone);
    this.rounds.stepEnded(actor.index, first);
    const isOver = this.#choices.length === 0 && !this.acting.isOver;
    if (isOver && !isAlone) this.#finish();
    if (stage === 'takes turns from here' && !this.options.keep) this.rounds.leaveOut();
  }

  /** Takes a step that is known from the schedule before. */
  #repeat(actor: Actor, choice: Choice): void {
    const { observer } = this.run;
    const footprint = this.marks.footprintOf(this.watch.steps) ?? observer.footprint;
    this.#footprint = footprint;
    observer.footprint = footprint;
    this.watch.steps += 1;
    this.#act([actor, choice, actor.cpuFor(choice)]);
    actor.stepRepeated();
    this.run.log.add(actor.index, footprint, actor.sleepsOn);
    this.last = actor.index;
    this.#refresh();
    // A strategy or the clock may end a schedule inside a step that is known.
    if (this.acting.violation !== undefined || (this.acting.isGivenUp && !this.#isStopped))
      throw new NondeterminismError('steps that were repeated ended otherwise than before');
  }

  /** Goes on with steps that are observed. */
  #resume(): void {
    this.marks.resume(this.#actors, this.run.machine.hardware.memory);
    this.run.observer.isOn = true;
  }

  #act(step: Step): void {
    const { observer, machine } = this.run;
    const [actor, choice] = step;
    observer.learnt = actor.learnt;
    observer.exposed = actor.exposed;
    this.acting.step = step;
    this.acting.during('step', this.run, () => {
      actor.act(choice);
      machine.guard?.syncArrays();
    });
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
    this.outlook.look(this.run, this.#actors, this.followsPlaces);
  }

  /** Keeps a step for a report, if they are kept. */
  #note(step: Step): void {
    if (this.options.keep) recordStep(this.steps, step, this.schedule.length - 1, this.run, this.program);
  }

  #perform(step: Step, footprint: Footprint): void {
    const [actor, , cpu] = step;
    const start = this.schedule.length - 1;
    const before = this.watch.before(this.run, actor, cpu);
    startActing(this.run, actor, before.unwatched.opaque);
    this.#notRun.during(
      () => this.running,
      () => {
        this.#act(step);
      },
    );
    if (!this.acting.isGivenUp) this.#notRun.check();
    this.recorder?.ends();
    actor.stepEnded();
    this.watch.addOwn(actor, footprint);
    this.watch.after(this.run, before, footprint, this.schedule, start);
  }

  /** What the strategy decides inside a step. */
  #decided(): Choice {
    const choice = this.acting.aside(() => this.#decide(this));
    if (choice === STOP) this.#isStopped = true;
    else this.schedule.push(choice);
    return choice;
  }

  #refresh(isAlone = false): void {
    const choices = this.#choices;
    choices.length = 0;
    if (this.acting.isOver) return;
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
      this.acting.during('check', this.run, work);
      return this.acting.violation === undefined;
    });
  }

  stateKey(): number | undefined {
    return this.outlook.keyOf(this.run, this.#actors, this.followsPlaces);
  }
}
