/**
 * Clause: `map` never waits; `mapWait` sleeps until a release wakes it if the contract says so, and
 * else does not sleep.
 */
import { describeError } from '../base/errors.ts';
import type { WaitQueue } from '../kernel/parts/wait-queue.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import { termsFor } from '../mapping/contract.ts';
import type { Contract } from '../mapping/contract.ts';
import { check, errorOf, same, valueOf } from './check.ts';
import type { Clause } from './clause.ts';
import { capacity } from './capacity.ts';
import { checkNumbers } from './error-numbers.ts';
import { FEW_BYTES, hold, release } from './exhaustion.ts';
import { smallPools } from './pools.ts';
import { Rig, mappableKinds } from './rig.ts';

function answersAtOnce(rig: Rig, page: Page): void {
  const step = rig.backend.mapWait(page, 0, FEW_BYTES).next();
  check(step.done === true, 'mapWait stopped, though nothing is in the way');
  rig.backend.unmap(valueOf(step.value, 'mapWait'));
}

/** On a full pool a backend that does not sleep returns what `map` returns, at once. */
function failsAtOnce(rig: Rig, page: Page): void {
  const step = rig.backend.mapWait(page, 0, FEW_BYTES).next();
  check(step.done === true, 'mapWait went to sleep, though the contract says that it never does');
  const waited = errorOf(step.value, 'mapWait on a full pool');
  const error = errorOf(rig.backend.map(page, 0, FEW_BYTES), 'map on a full pool');
  same(waited.code, error.code, 'error of mapWait');
  same(describeError(waited), describeError(error), 'numbers of the error of mapWait');
}

function sleepsAndWakes(rig: Rig, kind: MemoryKind, most: number): void {
  const { limitedBy } = termsFor(rig.backend.contract, kind).nesting;
  const held = hold(rig, kind, most);
  const page = rig.page(kind);
  rig.machine.physical(page)[0] = 77;
  const sleeper = rig.machine.task('sleeper');
  const backend = rig.backendIn(sleeper);
  const work = backend.mapWait(page, 0, FEW_BYTES);
  let queue: WaitQueue | undefined = undefined;
  for (let spurious = 0; spurious < 2; spurious += 1) {
    const step = work.next();
    check(step.done !== true, 'mapWait on a full pool answered instead of sleeping');
    check(step.value?.sleepOn !== undefined, 'mapWait stopped without saying what it sleeps on');
    queue = step.value.sleepOn;
    same(sleeper.asleepOn, queue, 'the queue the task sleeps on');
  }
  rig.machine.enter(rig.task);
  const error = errorOf(rig.backend.map(page, 0, FEW_BYTES), 'map on a full pool');
  const newest = held[most - 1];
  check(newest !== undefined, 'nothing held');
  rig.backend.unmap(newest);
  same(sleeper.asleepOn, undefined, 'what the task sleeps on after a release');
  const full = { limitedBy, most, config: rig.machine.config, waiting: 1 };
  checkNumbers(error, { page, lengthBytes: FEW_BYTES, full });
  const step = work.next();
  check(step.done === true, 'mapWait did not go on after a release had woken it');
  const mapping = valueOf(step.value, 'mapWait');
  same(queue?.waiters.length, 0, 'waiters on the queue after the one that slept has its mapping');
  same(mapping.load8(0), 77, 'the mapping waited for reads');
  backend.unmap(mapping);
  rig.machine.enter(rig.task);
  release(rig, held.slice(0, -1));
  sleeper.exit();
  rig.checkClean('afterwards');
}

function pools(
  contract: Contract,
  kind: MemoryKind,
  base: MachineOptions | undefined,
): readonly MachineOptions[] {
  const { beyond } = termsFor(contract, kind).nesting;
  if (beyond === 'violation') return [];
  return smallPools(contract, base).filter((options) => capacity(contract, kind, options) < Infinity);
}

/** Sleeping. */
export const sleeping: Clause = ({ describe, it, subject, contract }) => {
  for (const mode of ['checked', 'direct'] as const) {
    describe(mode, () => {
      for (const kind of mappableKinds(contract)) {
        it(`mapWait of ${kind} answers at once while nothing is in the way`, () => {
          const rig = new Rig(subject, { mode });
          answersAtOnce(rig, rig.page(kind));
          rig.checkClean('afterwards');
        });
        for (const options of pools(contract, kind, subject.machine)) {
          const most = capacity(contract, kind, options);
          const full = `${String(most)} held${options.forceMap === true ? ', forced maps' : ''}`;
          it(`mapWait of ${kind}, ${full}, ${contract.sleeps ? 'sleeps until a release' : 'fails at once'}`, () => {
            const rig = new Rig(subject, { ...options, mode });
            if (contract.sleeps) sleepsAndWakes(rig, kind, most);
            else {
              const held = hold(rig, kind, most);
              failsAtOnce(rig, rig.page(kind));
              release(rig, held);
              rig.checkClean('afterwards');
            }
          });
        }
      }
    });
  }
  it('a contract that sleeps has something to sleep for', () => {
    if (!contract.sleeps) return;
    const waits = mappableKinds(contract).filter((kind) => pools(contract, kind, subject.machine).length > 0);
    check(waits.length > 0, 'no kind of memory can run out, so mapWait can never sleep');
  });
};
