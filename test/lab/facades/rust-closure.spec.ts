import { expect } from 'chai';
import { ConfigError, createMachine, done, err, ok, runAlone } from 'scatterlist';
import type { Sleeping } from 'scatterlist';
import { EINVAL, FacadeError, runJob, rustClosure } from 'scatterlist/lab';
import type { KernelResult, PageSlice } from 'scatterlist/lab';
import candidate from '../../../examples/lab/rust-closure.ts';
import { describeFacade } from './facade-suite.ts';

describe('rustClosure', () => {
  describeFacade(candidate, {
    // The slice stores as to any memory; the type says nothing of what the page is.
    outcomes: { deviceMiddle: 'violation iomem-plain-access' },
  });

  const rig = () => {
    const machine = createMachine({ highmemPages: 8 });
    const task = machine.task('borrower');
    const [page, other] = machine.allocPages(2, { zone: 'highmem' });
    if (page === undefined || other === undefined) throw new Error('no page');
    return { machine, task, page, other, api: rustClosure.on(machine).open(task) };
  };

  it('maps during the closure, and returns its result', () => {
    const { machine, task, page, api } = rig();
    const read = api.withPageMapped(page, 10, 2, (bytes) => {
      expect([bytes.len, task.localMaps.idx, task.preemptCount]).to.deep.equal([2, 1, 0]);
      bytes.set(1, 7);
      return ok(bytes.get(1) + 1);
    });
    expect(read).to.deep.equal({ ok: true, value: 8 });
    expect([task.localMaps.idx, machine.physical(page)[11]]).to.deep.equal([0, 7]);
    expect(api.withPageMapped(page, 0, 1, () => err(-5))).to.deep.equal({ ok: false, error: -5 });
    machine.checkLeaks();
  });

  it('returns -EINVAL, and does not map, if a byte lies outside the page', () => {
    const { machine, task, page, api } = rig();
    const called: number[] = [];
    const at = (offset: number, len: number) =>
      api.withPageMapped(page, offset, len, (bytes) => {
        called.push(bytes.len);
        return done;
      });
    expect([at(4095, 2), at(0, 4097), at(4097, 0)]).to.deep.equal(Array(3).fill(err(-EINVAL)));
    expect([at(4095, 1), at(4096, 0), at(0, 4096)]).to.deep.equal(Array(3).fill(done));
    expect(called).to.deep.equal([1, 0, 4096]);
    expect(() => at(-1, 1)).to.throw(ConfigError, 'offset is -1');
    const sleeping = api.withPageMappedSleeping(page, 4095, 2, function* () {
      yield;
      return done;
    });
    expect(runAlone(task, sleeping)).to.deep.equal(err(-EINVAL));
    expect(machine.ledger.maps).to.equal(3);
  });

  it('releases in reverse order, because closures end so', () => {
    const { machine, task, page, other, api } = rig();
    const depth = api.withPageMapped(page, 0, 4, (from) =>
      api.withPageMapped(other, 0, 4, (to) => {
        to.set(0, from.get(0));
        return ok(task.localMaps.idx);
      }),
    );
    expect(depth).to.deep.equal(ok(2));
    machine.checkLeaks();
  });

  it('keeps the page mapped while a closure sleeps', () => {
    const { machine, task, page, api } = rig();
    const work = api.withPageMappedSleeping(page, 0, 4, function* (bytes): Sleeping<KernelResult<number>> {
      bytes.set(0, 5);
      yield;
      return ok(bytes.get(0));
    });
    expect(work.next()).to.have.property('done', false);
    expect(task.localMaps.idx).to.equal(1);
    expect(work.next()).to.deep.equal({ done: true, value: ok(5) });
    machine.checkLeaks();
  });

  // tsc checks that each of the marked lines does not compile.
  it('does not let the bytes leave the closure: the compiler refuses, and so does each use', () => {
    const { page, api } = rig();
    const later: (() => number)[] = [];
    // @ts-expect-error: no type outside the closure has its lifetime
    void api.withPageMapped(page, 0, 4, (bytes) => {
      // A function hides the lifetime from TypeScript, though not from rustc.
      later.push(() => bytes.get(0));
      return ok(bytes);
    });
    const unknowns: PageSlice<unknown>[] = [];
    const nevers: PageSlice<never>[] = [];
    void api.withPageMapped(page, 0, 4, (bytes) => {
      // @ts-expect-error: another lifetime
      unknowns.push(bytes);
      // @ts-expect-error: another lifetime
      nevers.push(bytes);
      return done;
    });
    later.push(...[...unknowns, ...nevers].map((bytes) => () => bytes.get(0)));
    expect(later).to.have.length(3);
    for (const use of later) expect(use).to.throw(FacadeError, 'E0521');
  });

  it('has no map to release, and no failure but a wrong range: only the call that sends can fail', () => {
    expect(runJob(candidate, 'manyMaps').asked).to.deep.equal(['sendmsg']);
    expect(Object.keys(rig().api)).to.deep.equal(['withPageMapped', 'withPageMappedSleeping']);
  });
});
