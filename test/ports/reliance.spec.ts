import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine, MachineOptions, Page, Task } from 'scatterlist';
import {
  SpinLock,
  UserSpace,
  copyFromUser,
  copyFromUserInatomic,
  copyFromUserNofault,
  copyToUserInatomic,
  getUser,
  kmapAtomic,
  kmapLocalPage,
  kunmapAtomic,
  kunmapLocal,
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  migrateDisable,
  migrateEnable,
  pagefaultDisable,
  pagefaultEnable,
  preemptDisable,
  preemptEnable,
  smpProcessorId,
} from 'scatterlist/machine';
import type { Needs } from 'scatterlist/ports';
import { pageFaultReliance, preemptionReliance } from '../../lib/ports/reliance.ts';
import { SiteWatch } from '../../lib/ports/site-watch.ts';

interface Room {
  readonly machine: Machine;
  readonly task: Task;
  readonly page: Page;
  readonly user: UserSpace;
}

/** What is observed of the mappings that `work` makes; a user's page is present at 0x1000. */
function needsOf(work: (room: Room) => void, options: MachineOptions = {}): Needs {
  const machine = createMachine({ callSites: true, ...options });
  const watch = new SiteWatch(machine);
  const task = machine.task('one');
  const user = new UserSpace(machine);
  const [page, own] = machine.allocPages(2, { zone: 'highmem' });
  if (page === undefined || own === undefined) throw new Error('no pages');
  user.map(0x1000, own);
  machine.hardware.trace = watch;
  work({ machine, task, page, user });
  const [first] = watch.needs();
  if (first === undefined) throw new Error('no site');
  return first;
}

/** A section in which `inside` runs while a page is mapped. */
const mapped =
  (inside: (room: Room) => void) =>
  (room: Room): void => {
    const window = kmapLocalPage(room.task, room.page);
    inside(room);
    kunmapLocal(room.task, window);
  };
const atomically =
  (inside: (room: Room) => void) =>
  (room: Room): void => {
    const window = kmapAtomic(room.task, room.page);
    inside(room);
    kunmapAtomic(room.task, window);
  };
const bytes = (): Uint8Array => new Uint8Array(8);
const toEnd = (steps: Iterable<unknown>): void => {
  for (const step of steps) throw new Error(`waits: ${String(step)}`);
};

describe('reliance on page faults being off', () => {
  for (const [title, relied, touches, work] of [
    ['no memory of a user', 'no', [], mapped(() => undefined)],
    [
      'an in-atomic copy',
      'yes',
      ['inatomic'],
      mapped(({ task, user }) => copyFromUserInatomic(task, bytes(), user, 0x1000)),
    ],
    [
      'an in-atomic copy to a user',
      'yes',
      ['inatomic'],
      mapped(({ task, user }) => copyToUserInatomic(task, user, 0x1000, bytes())),
    ],
    [
      'an in-atomic copy under kmap_atomic',
      'yes',
      ['inatomic'],
      atomically(({ task, user }) => copyFromUserInatomic(task, bytes(), user, 0x1000)),
    ],
    [
      'a copy with page faults disabled by hand',
      'no',
      ['disabled'],
      mapped(({ task, user }) => {
        pagefaultDisable(task);
        copyFromUserInatomic(task, bytes(), user, 0x1000);
        pagefaultEnable(task);
      }),
    ],
    [
      'the same inside kmap_atomic',
      'no',
      ['disabled'],
      atomically(({ task, user }) => copyFromUserNofault(task, bytes(), user, 0x1000)),
    ],
    [
      'a copy in a section that is atomic by itself',
      'no',
      ['disabled'],
      mapped(({ task, user }) => {
        preemptDisable(task);
        copyFromUserInatomic(task, bytes(), user, 0x1000);
        preemptEnable(task);
      }),
    ],
    [
      'a copy that handles faults',
      'no',
      ['faulting'],
      mapped(({ task, user }) => {
        toEnd(copyFromUser(task, bytes(), user, 0x1000));
        toEnd(getUser(task, user, 0x1000));
      }),
    ],
    [
      'a copy before the map',
      'no',
      [],
      (room: Room) => {
        copyFromUserInatomic(room.task, bytes(), room.user, 0x1000);
        mapped(() => undefined)(room);
      },
    ],
  ] as const)
    it(`${title}: ${relied}`, () => {
      const needs = needsOf(work);
      expect([needs.userTouches, pageFaultReliance(needs).relied]).to.deep.equal([touches, relied]);
    });
});

describe('reliance on preemption being off', () => {
  const other = ({ machine, task }: Room): void => {
    const two = machine.task('two');
    preemptDisable(two);
    preemptEnable(two);
    machine.enter(task);
  };
  const around =
    (before: (task: Task) => void, after: (task: Task) => void) =>
    (room: Room): void => {
      before(room.task);
      mapped(() => undefined)(room);
      after(room.task);
    };
  for (const [title, relied, because, work] of [
    ['no other task', 'not observed', /no other task ran/, mapped(() => undefined)],
    ['no other task under kmap_atomic', 'not observed', /no other task ran/, atomically(() => undefined)],
    ['another task on its CPU', 'no', /task "two" ran on its CPU/, mapped(other)],
    ['preemption disabled by hand', 'no', /atomic section/, around(preemptDisable, preemptEnable)],
    [
      'the same and kmap_atomic',
      'no',
      /atomic section/,
      ({ task, ...room }: Room) => {
        preemptDisable(task);
        atomically(() => undefined)({ task, ...room });
        preemptEnable(task);
      },
    ],
    ['the number of its CPU', 'yes', /number of the CPU/, atomically(({ task }) => smpProcessorId(task))],
    [
      'the number of its CPU with migration disabled by hand',
      'not observed',
      /no other task ran/,
      mapped(({ task }) => {
        migrateDisable(task);
        smpProcessorId(task);
        migrateEnable(task);
      }),
    ],
    ['interrupts disabled', 'no', /atomic section/, around(localIrqDisable, localIrqEnable)],
    ['bottom halves disabled', 'no', /atomic section/, around(localBhDisable, localBhEnable)],
  ] as const)
    it(`${title}: ${relied}`, () => {
      const verdict = preemptionReliance(needsOf(work), true);
      expect(verdict.relied).to.equal(relied);
      expect(verdict.because).to.match(because);
    });

  it('is not known of a task that lost its CPU in a run that went wrong', () => {
    const verdict = preemptionReliance(needsOf(mapped(other)), false);
    expect([verdict.relied, verdict.because]).to.deep.equal([
      'not observed',
      'task "two" ran on its CPU while mapped, and the run went wrong',
    ]);
  });

  it('knows on PREEMPT_RT, too, what kmap_atomic disables and what the code does', () => {
    const plain = needsOf(
      atomically(() => undefined),
      { preemptRt: true },
    );
    expect([plain.isAtomic, plain.isPreemptible]).to.deep.equal([false, true]);
    const held = needsOf(around(preemptDisable, preemptEnable), { preemptRt: true });
    expect([held.isAtomic, held.isPreemptible]).to.deep.equal([true, false]);
  });

  it('counts a spin lock that is held only for a part as not enough', () => {
    const needs = needsOf((room) => {
      const lock = new SpinLock(room.machine, 'lock');
      const window = kmapLocalPage(room.task, room.page);
      toEnd(lock.lock(room.task));
      window.store8(0, 1);
      lock.unlock(room.task);
      kunmapLocal(room.task, window);
    });
    expect(needs.isPreemptible).to.equal(true);
  });
});
