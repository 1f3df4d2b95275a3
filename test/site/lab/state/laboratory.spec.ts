import { expect } from 'chai';
import { useFakeTimers } from 'sinon';
import type { LabClient } from '../../../../site/lab/session/client.ts';
import type { Moment, Reply, ScheduleRun, SearchResult } from '../../../../site/lab/session/messages.ts';
import { INITIAL_STATE } from '../../../../site/lab/state/lab-state.ts';
import type { LabState } from '../../../../site/lab/state/lab-state.ts';
import { Laboratory } from '../../../../site/lab/state/laboratory.ts';
import { Store } from '../../../../site/lab/state/store.ts';

const STEPS = [-1, 0, 0, 0, 1, 2, 2];

function runOf(schedule: string): ScheduleRun {
  const moments = STEPS.map((step): Moment => ({
    step,
    actor: 0,
    column: 0,
    text: '',
    line: undefined,
    kind: 'event',
  }));
  return {
    schedule,
    columns: ['cpu0'],
    decisions: [],
    moments,
    console: [],
    violation: undefined,
    ending: 'ended',
    repaired: undefined,
  };
}

const result: SearchResult = {
  kind: 'exhausted',
  counts: { schedules: 1, steps: 1, states: 1, pruned: 0, milliseconds: 1 },
  found: undefined,
  verdict: 'every order was tried',
  lookedAt: [],
  notLookedAt: [],
};

/** A client whose answers the test gives, in any order. */
class Asked implements LabClient {
  readonly asked: string[] = [];
  readonly answers: ((reply: Reply<never>) => void)[] = [];
  readonly signals: AbortSignal[] = [];

  private ask(what: string): Promise<Reply<never>> {
    this.asked.push(what);
    return new Promise((resolve) => this.answers.push(resolve));
  }

  load({ program }: Parameters<LabClient['load']>[0]): ReturnType<LabClient['load']> {
    return this.ask(`load ${program.text}`);
  }

  run(schedule?: string): ReturnType<LabClient['run']> {
    return this.ask(`run ${schedule ?? 'plain'}`);
  }

  snapshot(): ReturnType<LabClient['snapshot']> {
    return Promise.resolve({ ok: false, error: { text: 'no picture here' } });
  }

  decide(at: number, option: string): ReturnType<LabClient['decide']> {
    return this.ask(`decide ${String(at)} ${option}`);
  }

  moveInterrupt({
    actor,
    before,
  }: Parameters<LabClient['moveInterrupt']>[0]): ReturnType<LabClient['moveInterrupt']> {
    return this.ask(`move ${String(actor)} ${String(before)}`);
  }

  explore(...[, watch]: Parameters<LabClient['explore']>): ReturnType<LabClient['explore']> {
    if (watch?.signal !== undefined) this.signals.push(watch.signal);
    return this.ask('explore');
  }

  close(): void {
    this.asked.push('close');
  }
}

interface Rig {
  readonly client: Asked;
  readonly store: Store<LabState>;
  readonly lab: Laboratory;
  /** Answers a question by its place in `client.asked`. */
  readonly answer: (index: number, value: unknown) => Promise<void>;
  readonly refuse: (index: number, text: string) => Promise<void>;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 8; i += 1) await Promise.resolve();
}

function rig(): Rig {
  const client = new Asked();
  const store = new Store<LabState>(INITIAL_STATE, () => undefined);
  const lab = new Laboratory(client, store);
  const give = async (index: number, reply: unknown): Promise<void> => {
    client.answers[index]?.(reply as Reply<never>);
    await settle();
  };
  return {
    client,
    store,
    lab,
    answer: (index, value) => give(index, { ok: true, value }),
    refuse: (index, text) => give(index, { ok: false, error: { text } }),
  };
}

async function opened(text = 'a'): Promise<Rig> {
  const made = rig();
  void made.lab.openShared({ file: 'p.ts', text }, {}, '0.1');
  await made.answer(0, { actors: [] });
  await made.answer(1, runOf('0.1'));
  return made;
}

describe('site/lab/state/laboratory', () => {
  it('loads a program, and then runs its schedule', async () => {
    const { client, store } = await opened();
    expect(client.asked).to.deep.equal(['load a', 'run 0.1']);
    expect(store.state).to.include({ isBusy: false, problem: undefined, at: 0 });
    expect(store.state.run?.schedule).to.equal('0.1');
  });

  it('drops the answer to a question that is no longer asked', async () => {
    const { client, store, lab, answer } = await opened();
    void lab.run('old');
    void lab.run('new');
    await answer(3, runOf('new'));
    await answer(2, runOf('old'));
    expect(client.asked.slice(2)).to.deep.equal(['run old', 'run new']);
    expect(store.state.run?.schedule).to.equal('new');
  });

  it('says why a program cannot be run, and keeps the run before', async () => {
    const { store, lab, refuse } = await opened();
    void lab.configure({ cpus: 2 });
    await refuse(2, 'a line');
    expect(store.state.problem).to.deep.equal({ text: 'a line' });
    expect(store.state.run?.schedule).to.equal('0.1');
    expect(store.state.isBusy).to.be.false;
  });

  it('says what is not possible beside the run, which stays', async () => {
    for (const act of [
      (lab: Laboratory) => lab.moveInterrupt(1, 2),
      (lab: Laboratory) => lab.decide(1, '0'),
      (lab: Laboratory) => lab.run('nonsense'),
    ]) {
      const { store, lab, refuse } = await opened();
      void act(lab);
      await refuse(2, 'interrupts are off there');
      expect(store.state.notice).to.equal('interrupts are off there');
      expect(store.state.problem).to.be.undefined;
      expect(store.state.run?.schedule).to.equal('0.1');
    }
  });

  it('runs an edited program once the reader pauses, with the same schedule', async () => {
    const clock = useFakeTimers();
    try {
      const { client, store, lab } = await opened();
      lab.edit('ab');
      await clock.tickAsync(300);
      lab.edit('abc');
      await clock.tickAsync(599);
      expect(client.asked).to.have.length(2);
      await clock.tickAsync(1);
      expect(client.asked.at(-1)).to.equal('load abc');
      expect(store.state.isEdited).to.be.true;
    } finally {
      clock.restore();
    }
  });

  it('runs an edited program at once if it is asked to', async () => {
    const { client, lab } = await opened();
    lab.edit('b');
    void lab.run();
    await settle();
    expect(client.asked.at(-1)).to.equal('load b');
  });

  it('moves by moments and by steps, and not beyond the ends', async () => {
    const { store, lab } = await opened();
    const at = async (move: Promise<void>): Promise<number> => {
      await move;
      return store.state.at;
    };
    expect(await at(lab.stepBy(-1))).to.equal(0);
    expect(await at(lab.stepBy(1))).to.equal(1);
    expect(await at(lab.stepWhole(1))).to.equal(4);
    expect(await at(lab.stepWhole(1))).to.equal(5);
    expect(await at(lab.stepWhole(1))).to.equal(6);
    expect(await at(lab.stepWhole(-1))).to.equal(5);
    expect(await at(lab.stepWhole(-1))).to.equal(4);
    expect(await at(lab.stepWhole(-1))).to.equal(1);
    expect(await at(lab.stepTo(99))).to.equal(6);
  });

  it('runs what a search found', async () => {
    const { client, store, lab, answer } = await opened();
    void lab.explore();
    await settle();
    expect(store.state.search.isRunning).to.be.true;
    await answer(2, { ...result, kind: 'violation', found: runOf('1.0') });
    expect(store.state.search).to.include({ isRunning: false });
    expect(client.asked.at(-1)).to.equal('run 1.0');
  });

  it('keeps nothing of a search once the program is another', async () => {
    const { store, lab, client, answer } = await opened();
    void lab.explore();
    await settle();
    lab.edit('b');
    expect(client.signals[0]?.aborted).to.be.true;
    await answer(2, result);
    expect(store.state.search).to.include({ isRunning: false, result: undefined });
  });

  it('shows what a cancelled search came to', async () => {
    const { store, lab, client, answer } = await opened();
    void lab.explore();
    await settle();
    lab.cancel();
    expect(client.signals[0]?.aborted).to.be.true;
    await answer(2, { ...result, kind: 'cancelled' });
    expect(store.state.search.result?.kind).to.equal('cancelled');
  });
});
