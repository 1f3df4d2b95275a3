/**
 * What a step reads and writes without an event: it is compared before and after the step.
 */
import type { Cpu } from '../../machine/cpu.ts';
import type { Actor } from '../actor.ts';
import type { Choice } from '../choice.ts';
import type { Footprint } from '../footprint.ts';
import type { Resources } from '../observer.ts';
import { switchIsFree } from '../state-key.ts';
import type { Run } from './run.ts';
import { hashUnwatched } from './unwatched.ts';
import type { Unwatched } from './unwatched.ts';

/** What was so before a step. */
interface Before {
  readonly cpu: Cpu | undefined;
  readonly from: Cpu | undefined;
  /** Whether a switch on these CPUs had no effect. */
  readonly isFree: boolean;
  readonly wakeUps: number;
  readonly unwatched: Unwatched;
}

/** The steps of one schedule after another. */
export class StepWatch {
  private readonly resources: Resources;
  /** Numbers of the resources that every step of an actor changes, by its index: the same in each schedule. */
  readonly #ownResources: (readonly number[])[] = [];
  /** What cannot be watched, as it was before each step of the schedule, and after its last. */
  readonly #unwatched: Unwatched[] = [];
  #previous: readonly Choice[] = [];
  #isReplayed = false;
  #partsBefore = 0;
  /** Steps so far. */
  steps = 0;

  constructor(resources: Resources) {
    this.resources = resources;
  }

  /** Whether all steps so far are those of the schedule before, so that what they reach was looked at. */
  get isReplayed(): boolean {
    return this.#isReplayed;
  }

  /**
   * Begins a schedule after another. `isKnown`: whether it counts what was seen in that. `parts` counts the parts of the
   * machine that are read without an event; returns whether it was as many before.
   */
  begin(previous: readonly Choice[], isKnown: boolean, parts: number): boolean {
    this.#previous = previous;
    this.#isReplayed = isKnown;
    this.steps = 0;
    const seesMore = this.#partsBefore !== parts;
    this.#partsBefore = parts;
    if (seesMore) this.#unwatched.length = 0;
    return !seesMore;
  }

  /** A step of an actor begins. */
  before(run: Run, actor: Actor, cpu: Cpu | undefined): Before {
    const from = actor.context?.cpu;
    const unwatched = this.#known(run) ?? hashUnwatched(run);
    this.#unwatched[this.steps] = unwatched;
    this.steps += 1;
    const isFree = this.#isFree(run, cpu) && this.#isFree(run, from);
    return { cpu, from, isFree, wakeUps: run.sharedState.wakeUps(), unwatched };
  }

  /** The step has ended; `decisions` are all so far, those of the step from `start` on. */
  after(run: Run, before: Before, footprint: Footprint, decisions: readonly Choice[], start: number): void {
    const { cpu, from, isFree, unwatched, wakeUps } = before;
    this.#touchCpu(run, cpu, isFree, footprint);
    if (from !== cpu) this.#touchCpu(run, from, isFree, footprint);
    // The same steps did the same before.
    for (let i = start; i < decisions.length; i += 1) this.#isReplayed &&= this.#previous[i] === decisions[i];
    const now = this.#known(run) ?? hashUnwatched(run);
    this.#unwatched[this.steps] = now;
    const hasChanged = now.opaque !== unwatched.opaque || run.sharedState.wakeUps() !== wakeUps;
    if (unwatched.opaque !== 0 && hasChanged) footprint.write(this.resources.id('opaque'));
    if (unwatched.opaque !== 0) footprint.read(this.resources.id('opaque'));
    if (now.atEnd !== unwatched.atEnd) footprint.write(this.resources.id('read at the end'));
  }

  /** Adds what every step of an actor changes. */
  addOwn(actor: Actor, footprint: Footprint): void {
    const own = (this.#ownResources[actor.index] ??= actor.resources.map((name) => this.resources.id(name)));
    for (const resource of own) footprint.write(resource);
  }

  #touchCpu(run: Run, cpu: Cpu | undefined, wasFree: boolean, footprint: Footprint): void {
    if (cpu === undefined) return;
    const resource = this.resources.cpu(cpu.id);
    if (wasFree && this.#isFree(run, cpu)) footprint.read(resource);
    else footprint.write(resource);
  }

  #isFree({ machine, observer }: Run, cpu: Cpu | undefined): boolean {
    return cpu === undefined || switchIsFree(machine, cpu, observer.followSlots);
  }

  /** What it was at this place of the schedule before, if the steps up to here are the same. */
  #known({ sight }: Run): Unwatched | undefined {
    return this.#isReplayed && sight !== undefined ? this.#unwatched[this.steps] : undefined;
  }
}

/** Lets an actor act. It may read plain arrays without an event: such bytes count as read at the beginning of each step. */
export function startActing({ machine, observer }: Run, actor: Actor, opaque: number): void {
  observer.learnt = actor.learnt;
  observer.exposed = actor.exposed;
  for (const page of actor.exposed) observer.expose(page);
  for (const window of machine.guard?.arrays ?? []) {
    if (window.scope !== 'global' && window.owner !== actor.context) continue;
    for (let at = 0; at < window.lengthBytes; at += machine.pageSize) observer.expose(window.pageAt(at));
    observer.expose(window.pageAt(window.lengthBytes - 1));
  }
  if (opaque !== 0) actor.learnt.add(opaque);
}
