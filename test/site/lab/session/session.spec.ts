import { expect } from 'chai';
import fc from 'fast-check';
import { explore, explorerOf, isDefinedProgram, parseSchedule } from 'scatterlist/explore';
import type { Session } from '../../../../site/lab/session/session.ts';
import atomicToLocal from '../../../../examples/explore/atomic-to-local.ts';
import { INTERRUPTED, example, loaded, refusalOf, valueOf } from './programs.ts';

const ATOMIC = example('examples/explore/atomic-to-local.ts');

/** The picture of each moment of the run. */
function pictures(session: Session, moments: number): readonly unknown[] {
  return Array.from({ length: moments }, (_, moment) => valueOf(session.snapshot(moment)));
}

describe('a session', () => {
  it('runs each actor in turn if no schedule is given, and tells the lines of the program', async () => {
    const session = await loaded(INTERRUPTED);
    const run = valueOf(session.run());
    expect(run.ending).to.equal('ended');
    expect(run.columns).to.deep.equal(['cpu0', 'done']);
    const lines = run.moments.flatMap(({ line, text }) => (text.startsWith('map ') ? [line] : []));
    const written = ['kmapLocalPage(task', 'kmap(task', 'kmapLocalPage(irq'].map((call) =>
      INTERRUPTED.text.split('\n').findIndex((line) => line.includes(call)),
    );
    expect(lines).to.deep.equal(written.map((at) => at + 1));
    expect(run.moments[0]?.kind).to.equal('setup');
    expect(run.moments.at(-1)?.kind).to.equal('end');
    expect(run.repaired).to.equal(undefined);
  });

  it('keeps what the program writes, with the moment', async () => {
    const session = await loaded(INTERRUPTED);
    const { console: lines, moments } = valueOf(session.run());
    expect(lines.map(({ text }) => text)).to.deep.equal(['mapped 4096', 'stored']);
    const at = moments.findIndex(({ text }) => text.startsWith('map '));
    expect(lines[0]?.moment).to.be.greaterThan(at);
    expect(moments[lines[1]?.moment ?? 0]?.kind).to.equal('note');
  });

  it('finds what the explorer finds, and shows the schedule at its violation', async () => {
    const session = await loaded(ATOMIC);
    const result = valueOf(
      session.explore({ strategy: { kind: 'exhaustive' }, bounds: {} }, () => undefined),
    );
    const outcome = explore(atomicToLocal);
    expect(outcome.kind).to.equal('violation');
    if (outcome.kind !== 'violation') return;
    expect(result.kind).to.equal('violation');
    expect(result.found?.schedule).to.equal(outcome.schedule);
    expect(result.found?.violation?.what).to.equal(outcome.violation.what);
    const { violation, moments } = result.found ?? { violation: undefined, moments: [] };
    expect(moments[violation?.moment ?? -1]?.kind).to.equal('violation');
    expect(result.lookedAt[1]).to.contain('2 actors (writer, other) on 1 CPU');
  });

  it('says what a search has shown when it found nothing', async () => {
    const session = await loaded({ ...ATOMIC, text: ATOMIC.text.replace(/\n {2}yield;.*\n/, '\n') });
    const all = valueOf(session.explore({ strategy: { kind: 'exhaustive' }, bounds: {} }, () => undefined));
    expect([all.kind, all.found]).to.deep.equal(['exhausted', undefined]);
    const some = valueOf(
      session.explore({ strategy: { kind: 'random', seed: 1 }, bounds: { schedules: 3 } }, () => undefined),
    );
    expect([some.kind, some.counts.schedules]).to.deep.equal(['outOfBudget', 3]);
    expect(some.verdict).to.equal(
      'Nothing was found before the number of schedules was reached, and nothing is proven.',
    );
  });

  it('shows the same pictures in whatever order they are asked for', async () => {
    const session = await loaded(INTERRUPTED);
    const { moments, schedule } = valueOf(session.run());
    const all = pictures(session, moments.length);
    const again = await loaded(INTERRUPTED);
    valueOf(again.run(schedule));
    const moment = fc.integer({ min: 0, max: moments.length - 1 });
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 8 }), (asked) => {
        // A run anew forgets the pictures that were taken.
        valueOf(again.run(schedule));
        for (const at of asked) expect(valueOf(again.snapshot(at)), String(at)).to.deep.equal(all[at]);
      }),
      { numRuns: 8 },
    );
  });

  it('shows the machine as it is once all that a moment is a part of has happened', async () => {
    const session = await loaded(example('examples/explore/nested-kmap.ts'));
    const { moments } = valueOf(session.run());
    const at = moments.findIndex(({ text }) => text.startsWith('waits for '));
    expect(at).to.be.greaterThan(0);
    const asleep = (moment: number): readonly string[] =>
      valueOf(session.snapshot(moment)).tasks.flatMap(({ name, state }) =>
        state === 'asleep' ? [name] : [],
      );
    expect(asleep(at)).to.have.length(1);
    expect(asleep(0)).to.deep.equal([]);
    // The pages that set-up allocated are there from the first moment on.
    expect(valueOf(session.snapshot(0)).pages).to.not.be.empty;
  });

  it('is a structured clone away from a page', async () => {
    const session = await loaded(INTERRUPTED);
    const run = valueOf(session.run());
    const snapshot = valueOf(session.snapshot(5));
    expect(structuredClone(run)).to.deep.equal(run);
    expect(structuredClone(snapshot)).to.deep.equal(snapshot);
  });

  describe('lets an interrupt arrive elsewhere:', () => {
    it('before any decision that offers it, with what follows as before', async () => {
      const session = await loaded(INTERRUPTED);
      const { decisions, schedule } = valueOf(session.run());
      const offers = decisions.filter(({ options }) => options.some(({ actor }) => actor === 2));
      // Between steps, and at marked points inside them.
      expect(new Set(offers.map(({ isInner }) => isInner))).to.deep.equal(new Set([true, false]));
      for (const { at } of offers) {
        valueOf(session.run(schedule));
        const moved = valueOf(session.moveInterrupt({ actor: 2, before: at }));
        const arrives = moved.decisions.filter(({ actor }) => actor === 2);
        expect(arrives, moved.schedule).to.have.length(1);
        expect(moved.repaired).to.equal(undefined);
        expect(valueOf(session.run(moved.schedule)).repaired).to.equal(undefined);
        // The order of the others stays as it was.
        const others = (text: string): string => text.replaceAll(/\.?\b2\b|\._|_\./g, '').replace(/^\./, '');
        expect(others(moved.schedule)).to.equal(others(schedule));
      }
    });

    it('and says why where it cannot', async () => {
      const session = await loaded(INTERRUPTED);
      const { moments, decisions } = valueOf(session.run('0.0.0.0.1.1.2'));
      const off = moments.findIndex(({ text }) => text === 'disables irqs of cpu0');
      const { at = -1 } = decisions.find(({ moment, isInner }) => !isInner && moment > off) ?? {};
      expect(refusalOf(session.moveInterrupt({ actor: 2, before: at }))).to.equal(
        `hardirq "done" cannot arrive before decision ${String(at)}: interrupts are off on cpu0`,
      );
      expect(refusalOf(session.moveInterrupt({ actor: 0, before: 1 }))).to.equal('actor 0 is no interrupt');
      expect(refusalOf(session.moveInterrupt({ actor: 2, before: 99 }))).to.match(/^there is no decision 99/);
    });
  });

  it('takes another decision where there was a choice', async () => {
    const session = await loaded(ATOMIC);
    valueOf(session.run('0.0.1.1'));
    const changed = valueOf(session.decide(1, '1'));
    expect(changed.schedule).to.equal('0.1.0.1');
    expect(changed.violation?.rule).to.equal('lost-write');
    expect(refusalOf(session.decide(1, '2'))).to.equal(
      'decision 1 cannot be 2; what can happen there is 0, 1',
    );
  });

  it('says which decision of a schedule does not fit the program', async () => {
    const session = await loaded(ATOMIC);
    expect(valueOf(session.run('0.7.1.1')).repaired).to.match(
      /^decision 1 of the schedule, 7, was not possible/,
    );
    expect(valueOf(session.run('0.0.1.1.1.1')).repaired).to.equal(
      'the program ended 2 decisions before the schedule did',
    );
    expect(refusalOf(session.run('x'))).to.match(/^"x" is not a step of a schedule/);
  });

  it('changes what the reader switches', async () => {
    const without = await loaded(INTERRUPTED, { highmem: false, cpus: 3, pkmapSlots: 8 });
    valueOf(without.run());
    const picture = valueOf(without.snapshot(6));
    expect([picture.cpus.length, picture.pool.slotCount, picture.pageTable]).to.deep.equal([3, 8, []]);
    const threads = await loaded(INTERRUPTED, { preemptRt: true });
    expect(valueOf(threads.run()).moments.some(({ text }) => text.includes('hardirq begins'))).to.equal(
      false,
    );
  });

  it('refuses to look before anything has run', async () => {
    const session = await loaded(ATOMIC);
    expect(refusalOf(session.snapshot(0))).to.equal('no schedule was run yet');
    valueOf(session.run());
    expect(refusalOf(session.snapshot(1000))).to.match(/^there is no moment 1000; the run has moments 0 to/);
  });
});

describe('the explorer of the library', () => {
  it('is the one that programs of a session are made for', () => {
    expect(isDefinedProgram(atomicToLocal) && explorerOf(atomicToLocal).parseSchedule).to.equal(
      parseSchedule,
    );
  });
});
