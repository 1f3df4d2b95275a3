/** Every function of the library that may sleep is told if a program calls it without `yield*`. */
/* eslint-disable scatterlist/yield-star -- calls without yield* are what is tested */
import { readFileSync, readdirSync } from 'node:fs';

import { expect } from 'chai';
import { ConfigError, SgMiter, sgAllocTableFromPages, sgMapWait } from 'scatterlist';
import type { Machine, Page, SgTable, Task } from 'scatterlist';
import { mapPoolWait } from 'scatterlist/backend';
import { kmap as pool } from 'scatterlist/backends';
import { explore, load32, load8, store32, store8 } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import {
  Completion,
  Mutex,
  RwSemaphore,
  Semaphore,
  SpinLock,
  UserSpace,
  WaitQueue,
  copyFromUser,
  copyToUser,
  getUser,
  kmap,
  kmapLocalPage,
  putUser,
  waitEvent,
} from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist/machine';

const pageOf = (machine: Machine): Page => machine.allocPage({ zone: 'lowmem' });

function tableOf(machine: Machine): SgTable {
  const made = sgAllocTableFromPages([pageOf(machine)], { size: 64 });
  if (!made.ok) throw new Error('no table');
  return made.value;
}

/** The names are those that a message tells. */
const CALLS: Readonly<Record<string, (machine: Machine, task: Task) => Sleeping<unknown>>> = {
  down: (machine, task) => new Semaphore(machine, 's', 1).down(task),
  downRead: (machine, task) => new RwSemaphore(machine, 's').downRead(task),
  downWrite: (machine, task) => new RwSemaphore(machine, 's').downWrite(task),
  wait: (machine, task) => new Completion(machine, 'c').wait(task),
  'lock of a mutex': (machine, task) => new Mutex(machine, 'm').lock(task),
  lock: (machine, task) => new SpinLock(machine, 'l').lock(task),
  lockIrq: (machine, task) => new SpinLock(machine, 'l').lockIrq(task),
  lockIrqsave: (machine, task) => new SpinLock(machine, 'l').lockIrqsave(task),
  lockBh: (machine, task) => new SpinLock(machine, 'l').lockBh(task),
  waitEvent: (_, task) => waitEvent(task, new WaitQueue('q'), () => false),
  fault: (machine, task) => new UserSpace(machine).fault(task, { address: 0, write: false }),
  copyFromUser: (machine, task) => copyFromUser(task, new Uint8Array(1), new UserSpace(machine), 0),
  copyToUser: (machine, task) => copyToUser(task, new UserSpace(machine), 0, new Uint8Array(1)),
  getUser: (machine, task) => getUser(task, new UserSpace(machine), 0),
  putUser: (machine, task) => putUser(task, new UserSpace(machine), 0, 1),
  mapPoolWait: (machine, task) => mapPoolWait(task, pageOf(machine), 0, 8),
  kmap: (machine, task) => kmap(task, pageOf(machine)),
  sgMapWait: (machine, task) => sgMapWait(tableOf(machine).sgl!, 0, pool(task)),
  nextWait: (machine, task) => new SgMiter(tableOf(machine), pool(task), 'fromSg').nextWait(),
  load8: (machine, task) => load8(kmapLocalPage(task, pageOf(machine)), 0),
  load32: (machine, task) => load32(kmapLocalPage(task, pageOf(machine)), 0),
  store8: (machine, task) => store8(kmapLocalPage(task, pageOf(machine)), 0, 1),
  store32: (machine, task) => store32(kmapLocalPage(task, pageOf(machine)), 0, 1),
};

const nameOf = (call: string): string => call.split(' ')[0] ?? '';

function sources(): readonly (readonly [string, string])[] {
  const lib = new URL('../../../lib/', import.meta.url);
  return readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(?:kernel|scatterlist)[\\/].*\.ts$|^explore[\\/]access\.ts$/.test(file))
    .map((file) => [file, readFileSync(new URL(file, lib), 'utf8')]);
}

describe('a sleeping function that is called without yield*', () => {
  for (const [call, make] of Object.entries(CALLS)) {
    it(`is told: ${call}`, () => {
      const program = (body: Program['tasks'][string]): Program => ({ tasks: { bad: body } });
      expect(() =>
        explore(
          program(function* ({ machine, task }) {
            make(machine, task);
            yield;
          }),
        ),
      ).to.throw(
        ConfigError,
        `task "bad" calls ${nameOf(call)}() and does not run it; write yield* before the call`,
      );
    });
  }

  it('is told also where the step breaks a rule because of it, at the end of a task, and in a handler', () => {
    const drop = ({ machine, task }: { readonly machine: Machine; readonly task: Task }): void => {
      const mutex = new Mutex(machine, 'm');
      mutex.lock(task);
      mutex.unlock(task);
    };
    expect(() =>
      explore({
        tasks: {
          *first(env) {
            drop(env);
          },
        },
      }),
    ).to.throw(ConfigError, 'task "first" calls lock() and does not run it');
    expect(() =>
      explore({
        tasks: { *idle() {} },
        interrupts: {
          card: {
            kind: 'hardirq',
            run({ machine, irq }) {
              new SpinLock(machine, 'l').lock(irq);
            },
          },
        },
      }),
    ).to.throw(ConfigError, 'interrupt "card" calls lock() and does not run it');
  });

  it('is no fault if the step runs it later, or if it sleeps', () => {
    const outcome = explore({
      setup: (machine) => ({ sem: new Semaphore(machine, 's', 1) }),
      tasks: {
        *one({ sem, task }) {
          const down = sem.down(task);
          yield* down;
          yield;
          sem.up(task);
        },
        *two({ sem, task }) {
          yield* sem.down(task);
          sem.up(task);
        },
      },
    });
    expect(outcome.kind).to.equal('exhausted');
  });

  it('has a case here for each function', () => {
    const told = sources().flatMap(([, text]) =>
      [...text.matchAll(/return sleepingCall\([^;]*?'(\w+)',?\s*\);/g)].map(([, name]) => name),
    );
    expect(new Set(told)).to.deep.equal(new Set(Object.keys(CALLS).map(nameOf)));
    const untold = sources().flatMap(([file, text]) =>
      [...text.matchAll(/^(?:export function\*| {2}\*)\s*(\w+)\([^{]*?\): Sleeping</gm)].map(
        ([, name]) => `${file} ${String(name)}`,
      ),
    );
    expect(untold).to.deep.equal([]);
  });
});
