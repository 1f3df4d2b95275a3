import { expect } from 'chai';
import { WaitQueue } from 'scatterlist/machine';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { Resources } from '../../../lib/explore/observer.ts';
import { StepLog } from '../../../lib/explore/rules/step-log.ts';

const [SLEEPER, WAKER] = [0, 1];

describe('StepLog', () => {
  const resources = new Resources();
  const flag = resources.id('shared .flag');
  const step = (reads: readonly number[], writes: readonly number[] = []): Footprint => {
    const footprint = new Footprint();
    for (const resource of reads) footprint.read(resource);
    for (const resource of writes) footprint.write(resource);
    return footprint;
  };

  it('finds the wake-up between the last test and the sleep', () => {
    const [queue, log] = [new WaitQueue('q'), new StepLog(resources)];
    log.add(SLEEPER, step([flag]), undefined);
    queue.wakeAll();
    log.add(WAKER, step([], [flag]), undefined);
    log.add(SLEEPER, step([resources.id('opaque'), resources.id('shared .other')]), queue);
    expect(log.lostBy(SLEEPER, queue)).to.equal(WAKER);
  });

  it('finds it where the waker wrote some steps before it woke, and not where the sleeper looked since', () => {
    for (const looks of [false, true]) {
      const [queue, log] = [new WaitQueue('q'), new StepLog(resources)];
      log.add(WAKER, step([], [flag]), undefined);
      queue.wakeAll();
      log.add(WAKER, step([]), undefined);
      log.add(SLEEPER, step(looks ? [flag] : []), queue);
      expect(log.lostBy(SLEEPER, queue)).to.equal(looks ? undefined : WAKER);
    }
  });

  it('tells whether the last steps of an actor changed what is shared', () => {
    const log = new StepLog(resources);
    log.add(SLEEPER, step([flag], [flag]), undefined);
    log.add(SLEEPER, step([flag], [resources.id('actor 0')]), undefined);
    log.add(WAKER, step([], [flag]), undefined);
    log.add(SLEEPER, step([flag]), undefined);
    expect([2, 3, 4].map((count) => log.onlyRead(SLEEPER, count))).to.deep.equal([true, false, false]);
    expect(log.onlyRead(WAKER, 1)).to.equal(false);
  });

  it('holds some ten thousands of steps, and finds what was lost among them', () => {
    for (const [since, waker] of [
      [15_000, WAKER],
      [100_000, undefined],
    ] as const) {
      const [queue, log] = [new WaitQueue('q'), new StepLog(resources)];
      for (let i = 0; i < 50_000; i += 1) log.add(SLEEPER, step([flag]), undefined);
      queue.wakeAll();
      log.add(WAKER, step([], [flag]), undefined);
      const none = step([]);
      for (let i = 0; i < since; i += 1) log.add(SLEEPER, none, undefined);
      expect(log.lostBy(SLEEPER, queue), String(since)).to.equal(waker);
    }
  });

  it('loses no wake-up that reached the sleeper, that it made itself, or that came before the program', () => {
    const queue = new WaitQueue('q');
    queue.wakeAll();
    const before = new StepLog(resources);
    before.add(SLEEPER, step([]), queue);
    expect(before.lostBy(SLEEPER, queue)).to.equal(undefined);

    const reached = new StepLog(resources);
    reached.add(SLEEPER, step([]), queue);
    queue.wakeAll();
    reached.add(WAKER, step([], [flag]), undefined);
    reached.add(SLEEPER, step([]), queue);
    expect(reached.lostBy(SLEEPER, queue)).to.equal(undefined);

    const own = new StepLog(resources);
    queue.wakeAll();
    own.add(SLEEPER, step([], [flag]), queue);
    expect(own.lostBy(SLEEPER, queue)).to.equal(undefined);
  });

  it('finds the wake-up of an interrupt inside the step in which the sleeper sleeps', () => {
    const [queue, log, shared] = [new WaitQueue('q'), new StepLog(resources), step([flag], [flag])];
    queue.wakeAll();
    log.add(WAKER, shared, undefined);
    log.add(SLEEPER, shared, queue);
    expect(log.lostBy(SLEEPER, queue)).to.equal(WAKER);
  });
});
