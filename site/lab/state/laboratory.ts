/**
 * What a reader can do on the page. Each action asks the worker and puts the answer into the state; the answer to a
 * question that is no longer asked is dropped.
 */
import type { LabClient } from '../session/client.ts';
import type { Refusal, Reply, ScheduleRun, SearchStrategy } from '../session/messages.ts';
import type { Configuration, ExampleEntry, ProgramText } from '../session/program.ts';
import type { Snapshot } from '../session/snapshot.ts';
import type { LabState } from './lab-state.ts';
import { sayMoment } from './say.ts';
import type { Store } from './store.ts';

/** Wait so long after the last key before an edited program is run. */
const TYPING_MS = 600;

export class Laboratory {
  private readonly client: LabClient;
  private readonly store: Store<LabState>;
  /** Counts what was asked of the worker. */
  private turn = 0;
  private snapshots = new Map<number, Promise<Snapshot | undefined>>();
  private typing: ReturnType<typeof setTimeout> | undefined;
  /** Whether the worker has the program and the configuration that the page shows. */
  private isLoaded = false;
  private search: AbortController | undefined;

  constructor(client: LabClient, store: Store<LabState>) {
    this.client = client;
    this.store = store;
  }

  /**
   * Opens an example with the schedule that shows it. If it breaks a rule, but not in the plain order, a search shows how.
   */
  async openExample(example: ExampleEntry, schedule = example.schedule): Promise<void> {
    const { name, program, configuration = {}, rule } = example;
    this.store.set({ example: name });
    await this.open(program, configuration, schedule);
    const { state } = this.store;
    const isShown = state.program === program && this.isLoaded && state.run !== undefined;
    if (isShown && rule !== undefined && schedule === undefined && state.run.violation === undefined)
      await this.explore();
  }

  /** Opens a program of a link. */
  async openShared(
    program: ProgramText,
    configuration: Configuration,
    schedule: string | undefined,
  ): Promise<void> {
    this.store.set({ example: undefined });
    await this.open(program, configuration, schedule);
  }

  private async open(
    program: ProgramText,
    configuration: Configuration,
    schedule: string | undefined,
  ): Promise<void> {
    this.store.set({ program, configuration, isEdited: false, notice: undefined });
    this.store.set({ loaded: undefined, run: undefined, at: 0, picture: undefined });
    this.forgetSearch();
    await this.load(schedule);
  }

  /** Takes a text of the editor; it is run once the reader pauses. */
  edit(text: string): void {
    const { program } = this.store.state;
    if (text === program.text) return;
    this.store.set({ program: { ...program, text }, isEdited: true });
    this.forgetSearch();
    this.isLoaded = false;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => void this.load(this.store.state.run?.schedule), TYPING_MS);
  }

  /** Changes the machine and runs the same schedule on it. */
  async configure(changes: Configuration): Promise<void> {
    this.store.set({ notice: undefined, configuration: { ...this.store.state.configuration, ...changes } });
    this.forgetSearch();
    await this.load(this.store.state.run?.schedule);
  }

  /** Takes the machine as the program has it. */
  async resetConfiguration(): Promise<void> {
    const { examples, example } = this.store.state;
    const given = examples.find(({ name }) => name === example)?.configuration ?? {};
    this.store.set({ configuration: given });
    this.forgetSearch();
    await this.load(this.store.state.run?.schedule);
  }

  private async load(schedule: string | undefined): Promise<void> {
    clearTimeout(this.typing);
    this.isLoaded = false;
    const turn = this.begin();
    const { program, configuration } = this.store.state;
    const loaded = await this.client.load({ program, configuration });
    if (turn !== this.turn) return;
    this.isLoaded = loaded.ok;
    if (!loaded.ok) return this.refuse(loaded.error);
    this.store.set({ loaded: loaded.value });
    this.show(turn, await this.client.run(schedule), (error) => this.refuse(error));
  }

  /** Runs a schedule; the plain order if none is given. */
  async run(schedule?: string): Promise<void> {
    this.store.set({ notice: undefined });
    if (!this.isLoaded) return this.load(schedule);
    const turn = this.begin();
    this.show(turn, await this.client.run(schedule), (error) => this.note(error));
  }

  /** Takes another decision at one place of the schedule. */
  async decide(at: number, option: string): Promise<void> {
    this.store.set({ notice: undefined });
    const turn = this.begin();
    this.show(turn, await this.client.decide(at, option), (error) => this.note(error), at);
  }

  /** Lets an interrupt arrive before a decision. */
  async moveInterrupt(actor: number, before: number): Promise<void> {
    this.store.set({ notice: undefined });
    const turn = this.begin();
    this.show(turn, await this.client.moveInterrupt({ actor, before }), (error) => this.note(error), before);
  }

  private begin(): number {
    this.turn += 1;
    this.store.set({ isBusy: true, link: undefined });
    return this.turn;
  }

  /** The program itself is of no use. */
  private refuse(error: Refusal): void {
    this.store.set({ isBusy: false, problem: error, said: `The program cannot be run: ${error.text}` });
  }

  /** What was asked is not possible; what is shown stays. */
  private note({ text }: Refusal): void {
    this.store.set({ isBusy: false, notice: text });
  }

  private show(
    turn: number,
    reply: Reply<ScheduleRun>,
    otherwise: (error: Refusal) => void,
    decision?: number,
  ): void {
    if (turn !== this.turn) return;
    if (!reply.ok) return otherwise(reply.error);
    const run = reply.value;
    this.snapshots = new Map();
    this.store.set({ run, isBusy: false, problem: undefined });
    const decided = decision === undefined ? undefined : run.decisions[decision]?.moment;
    void this.stepTo(decided ?? run.violation?.moment ?? this.store.state.at);
  }

  /** Shows a moment of the run. */
  async stepTo(moment: number): Promise<void> {
    const { run } = this.store.state;
    if (run === undefined) return;
    const at = Math.max(0, Math.min(run.moments.length - 1, moment));
    this.store.set({ at, said: sayMoment(run, at) });
    const [now, before] = await Promise.all([
      this.snapshotOf(at),
      at === 0 ? undefined : this.snapshotOf(at - 1),
    ]);
    const { state } = this.store;
    if (now !== undefined && state.run === run && state.at === at)
      this.store.set({ picture: { moment: at, now, before } });
  }

  /** Moves by moments. */
  async stepBy(moments: number): Promise<void> {
    await this.stepTo(this.store.state.at + moments);
  }

  /** Moves to the first moment of the next step, or of this one and then the one before. */
  async stepWhole(direction: 1 | -1): Promise<void> {
    const { run, at } = this.store.state;
    if (run === undefined) return;
    const stepOf = (moment: number): number | undefined => run.moments[moment]?.step;
    let to = at + direction;
    if (direction === 1) while (stepOf(to) !== undefined && stepOf(to) === stepOf(at)) to += 1;
    else while (to > 0 && stepOf(to - 1) === stepOf(to)) to -= 1;
    await this.stepTo(to);
  }

  private snapshotOf(moment: number): Promise<Snapshot | undefined> {
    const kept = this.snapshots.get(moment);
    if (kept !== undefined) return kept;
    const { turn } = this;
    const asked = this.client.snapshot(moment).then((reply) => {
      if (reply.ok) return reply.value;
      if (turn === this.turn) this.store.set({ notice: reply.error.text });
      return undefined;
    });
    this.snapshots.set(moment, asked);
    return asked;
  }

  /** Sets what the next search does. */
  setSearch(changes: { readonly strategy?: SearchStrategy; readonly seconds?: number }): void {
    this.store.set({ search: { ...this.store.state.search, ...changes } });
  }

  /** Searches; what is found becomes the run. */
  async explore(): Promise<void> {
    if (this.store.state.search.isRunning) return;
    if (!this.isLoaded) await this.load(this.store.state.run?.schedule);
    if (!this.isLoaded) return;
    const control = new AbortController();
    this.search = control;
    const { strategy, seconds } = this.store.state.search;
    this.changeSearch({ isRunning: true, progress: undefined, result: undefined });
    this.store.set({ said: 'The search has begun.' });
    const reply = await this.client.explore(
      { strategy, bounds: { milliseconds: 1000 * seconds } },
      { signal: control.signal, onProgress: (progress) => this.changeSearch({ progress }) },
    );
    if (this.search !== control) return;
    this.search = undefined;
    this.changeSearch({ isRunning: false, progress: undefined });
    if (!reply.ok) return this.note(reply.error);
    this.changeSearch({ result: reply.value });
    this.store.set({ said: reply.value.verdict });
    if (reply.value.found !== undefined) await this.run(reply.value.found.schedule);
  }

  /** Ends the search; its counts so far are shown. */
  cancel(): void {
    this.search?.abort();
  }

  /** A search of another program or machine says nothing about this one. */
  private forgetSearch(): void {
    this.search?.abort();
    this.search = undefined;
    this.changeSearch({ isRunning: false, progress: undefined, result: undefined });
  }

  private changeSearch(changes: Partial<LabState['search']>): void {
    this.store.set({ search: { ...this.store.state.search, ...changes } });
  }
}
