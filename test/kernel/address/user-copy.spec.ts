import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Context, Machine, MachineOptions } from 'scatterlist';
import { explore } from 'scatterlist/explore';
import {
  AddressSpace,
  UserSpace,
  copyFromUser,
  copyFromUserInatomic,
  copyFromUserNofault,
  copyToUser,
  copyToUserInatomic,
  copyToUserNofault,
  getUser,
  kmapAtomic,
  kmapLocalPage,
  kunmapAtomic,
  kunmapLocal,
  localIrqDisable,
  mightFault,
  pagefaultDisable,
  pagefaultEnable,
  preemptDisable,
  putUser,
  runAlone,
} from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist/machine';
import type { Page } from 'scatterlist';

/** A user with a page at 0x1000, a page at 0x2000 that a fault brings in, and none behind. */
function world(options: MachineOptions = {}) {
  const machine = createMachine(options);
  const task = machine.task('driver');
  const [near, far] = machine.allocPages(2, { zone: 'highmem' });
  machine.physical(near!).fill(1);
  machine.physical(far!).fill(2);
  const faults: number[] = [];
  const user = new UserSpace(machine, {
    *handleFault(_, { address }) {
      yield;
      faults.push(address);
      return address === 0x2000 ? far : undefined;
    },
  });
  user.map(0x1000, near!);
  return { machine, task, near: near!, far: far!, user, faults };
}

/** Every function that may fault, with a copy of 8 bytes across the end of the page that is present. */
const FAULTING: Readonly<
  Record<string, (task: Context, user: UserSpace, address: number) => Sleeping<unknown>>
> = {
  copy_from_user: (task, user, address) => copyFromUser(task, new Uint8Array(8), user, address),
  copy_to_user: (task, user, address) => copyToUser(task, user, address, new Uint8Array(8)),
  get_user: (task, user, address) => getUser(task, user, address),
  put_user: (task, user, address) => putUser(task, user, address, 7),
};

function rulesOf(machine: Machine): readonly string[] {
  return machine.violations.map(({ rule }) => rule);
}

describe('copies between kernel and user', () => {
  for (const mode of ['checked', 'direct'] as const) {
    describe(mode, () => {
      it('handle faults and go on, in both directions', () => {
        const { task, user, faults, near, far, machine } = world({ mode });
        const buffer = new Uint8Array(8);
        expect(runAlone(task, copyFromUser(task, buffer, user, 0x1ffd))).to.equal(0);
        expect([...buffer]).to.deep.equal([1, 1, 1, 2, 2, 2, 2, 2]);
        expect(faults).to.deep.equal([0x2000]);
        user.unmap(0x2000);
        expect(runAlone(task, copyToUser(task, user, 0x1ffe, Uint8Array.of(5, 6, 7)))).to.equal(0);
        expect([machine.physical(near)[4095], machine.physical(far)[0]]).to.deep.equal([6, 7]);
      });

      it('return what was not copied where a page does not exist, and clear it', () => {
        const { task, user } = world({ mode });
        const buffer = new Uint8Array(8).fill(9);
        expect(runAlone(task, copyFromUser(task, buffer, user, 0x2ffd))).to.equal(5);
        expect([...buffer]).to.deep.equal([2, 2, 2, 0, 0, 0, 0, 0]);
        buffer.fill(9);
        expect(runAlone(task, copyFromUser(task, buffer, user, user.end - 4))).to.equal(8);
        expect([...buffer]).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0]);
        expect(runAlone(task, copyToUser(task, user, 0x2ffd, buffer))).to.equal(5);
        expect(runAlone(task, copyToUser(task, user, user.end - 4, buffer))).to.equal(8);
      });

      it('do not handle faults with page faults disabled or in an atomic context, and do not sleep', () => {
        const { machine, task, user, faults } = world({ mode, onViolation: 'record' });
        const buffer = new Uint8Array(8).fill(9);
        pagefaultDisable(task);
        expect(copyFromUser(task, buffer, user, 0x1ffd).next()).to.deep.equal({ done: true, value: 5 });
        expect(copyToUser(task, user, 0x1ffd, buffer).next()).to.deep.equal({ done: true, value: 5 });
        expect(getUser(task, user, 0x2000).next().value).to.deep.include({ ok: false });
        pagefaultEnable(task);
        expect(rulesOf(machine)).to.deep.equal([]);
        preemptDisable(task);
        expect(copyFromUserInatomic(task, buffer, user, 0x1ffd)).to.equal(5);
        expect(copyToUserInatomic(task, user, 0x1ffd, buffer)).to.equal(5);
        expect(rulesOf(machine)).to.deep.equal([]);
        expect(copyFromUser(task, buffer, user, 0x1ffd).next()).to.deep.equal({ done: true, value: 5 });
        expect(rulesOf(machine)).to.deep.equal(['sleep-in-atomic']);
        expect(faults).to.deep.equal([]);
      });

      it('leave the rest of the target as it was, if they are of the inatomic kind', () => {
        const { task, user } = world({ mode });
        const buffer = new Uint8Array(4).fill(9);
        expect(copyFromUserInatomic(task, buffer, user, 0x1ffe)).to.equal(2);
        expect([...buffer]).to.deep.equal([1, 1, 9, 9]);
      });

      it('move single values, and name the address that fails', () => {
        const { task, user } = world({ mode });
        expect(runAlone(task, getUser(task, user, 0x1fff, 4))).to.deep.equal({
          ok: true,
          value: 0x0202_0201,
        });
        expect(runAlone(task, getUser(task, user, 0x1fff, 1))).to.deep.equal({ ok: true, value: 1 });
        expect(runAlone(task, putUser(task, user, 0x1ffe, 0xffff_1234)).ok).to.equal(true);
        expect(runAlone(task, getUser(task, user, 0x1ffe, 2))).to.deep.equal({ ok: true, value: 0x1234 });
        expect(runAlone(task, getUser(task, user, 0x2ffe, 4))).to.deep.equal({
          ok: false,
          error: { code: 'BadAddress', address: 0x3000, bytesNotCopied: 2 },
        });
        expect(runAlone(task, putUser(task, user, 0x9000, 1)).ok).to.equal(false);
      });

      it('never fault in the nofault forms', () => {
        const { task, user, faults } = world({ mode });
        const buffer = new Uint8Array(4);
        expect(copyFromUserNofault(task, buffer, user, 0x1000).ok).to.equal(true);
        expect(copyFromUserNofault(task, buffer, user, 0x2000)).to.deep.equal({
          ok: false,
          error: { code: 'BadAddress', address: 0x2000, bytesNotCopied: 4 },
        });
        expect(copyToUserNofault(task, user, 0x1000, buffer).ok).to.equal(true);
        expect(copyToUserNofault(task, user, 0x1ffe, buffer).ok).to.equal(false);
        expect([task.pagefaultDisabled, faults.length]).to.deep.equal([0, 0]);
      });

      it('go into mapped memory, and out of it', () => {
        const { machine, task, user } = world({ mode });
        const page = machine.allocPage({ zone: 'highmem' });
        const mapping = kmapLocalPage(task, page);
        const part = { mapping, offset: 100, length: 8 };
        mapping.fill(9);
        expect(runAlone(task, copyFromUser(task, part, user, 0x2ffc))).to.equal(4);
        expect([99, 100, 103, 104, 107, 108].map((at) => mapping.load8(at))).to.deep.equal([
          9, 2, 2, 0, 0, 9,
        ]);
        mapping.fill(7);
        expect(runAlone(task, copyToUser(task, user, 0x1000, part))).to.equal(0);
        kunmapLocal(task, mapping);
        expect(runAlone(task, getUser(task, user, 0x1004, 1))).to.deep.equal({ ok: true, value: 7 });
      });
    });
  }

  for (const [name, call] of Object.entries(FAULTING)) {
    it(`${name} is reported in every context that cannot handle a fault, even if no page is missing`, () => {
      const enter: Readonly<Record<string, (machine: Machine, task: Context) => Context>> = {
        'preemption disabled': (_, task) => (preemptDisable(task), task),
        'interrupts disabled': (_, task) => (localIrqDisable(task), task),
        softirq: (machine) => machine.irqEnter('softirq', 'rx'),
        hardirq: (machine) => machine.irqEnter('hardirq', 'irq'),
      };
      for (const make of Object.values(enter)) {
        const { machine, task, user } = world({ onViolation: 'record' });
        const context = make(machine, task);
        call(context, user, 0x1000).next();
        expect(rulesOf(machine)).to.deep.equal(['sleep-in-atomic']);
        expect(machine.violations[0]?.what).to.contain(`${name} while`);
      }
    });

    it(`${name} is not reported inside kmap_atomic, where it fails instead`, () => {
      const { machine, task, user } = world({ onViolation: 'record' });
      const mapped = kmapAtomic(task, machine.allocPage({ zone: 'highmem' }));
      call(task, user, 0x1000).next();
      call(task, user, 0x2000).next();
      kunmapAtomic(task, mapped);
      expect(rulesOf(machine)).to.deep.equal([]);
    });
  }

  it('have might_fault by itself', () => {
    const { machine, task } = world({ onViolation: 'record' });
    mightFault(task);
    preemptDisable(task);
    mightFault(task);
    pagefaultDisable(task);
    mightFault(task);
    expect(machine.violations.map(({ what }) => what)).to.deep.equal([
      'might_fault while preemption is disabled (count 1)',
    ]);
  });

  it('are the only way to a user address: a pointer to it is reported', () => {
    const { machine, task } = world({ onViolation: 'record' });
    expect(() => new AddressSpace(task).load8(0x1000)).to.throw('rule: user-pointer');
    expect(rulesOf(machine)).to.deep.equal(['user-pointer']);
  });

  it('refuse an address space of another machine', () => {
    const { user } = world();
    const { task } = world();
    expect(() => copyFromUserInatomic(task, new Uint8Array(4), user, 0x1000)).to.throw('of another machine');
  });

  describe('in the explorer', () => {
    interface Shared {
      readonly user: UserSpace;
      readonly page: Page;
    }
    const setup = (machine: Machine): Shared => {
      const page = machine.allocPage({ zone: 'highmem' });
      const user = new UserSpace(machine, {
        *handleFault() {
          yield;
          return page;
        },
      });
      return { user, page };
    };

    it('find the deadlock of a copy under the lock that the fault takes', () => {
      const outcome = explore<Shared>({
        setup,
        tasks: {
          *ioctl({ task, user }) {
            yield* user.mmapLock.downWrite(task);
            yield* copyFromUser(task, new Uint8Array(4), user, 0x1000);
            user.mmapLock.upWrite(task);
          },
        },
      });
      expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('deadlock');
    });

    it('find the order in which a page is taken away before an atomic copy', () => {
      const lefts = new Set<unknown>();
      const outcome = explore<Shared>({
        setup: (machine) => {
          const shared = setup(machine);
          shared.user.map(0x1000, shared.page);
          return shared;
        },
        tasks: {
          *copy({ task, user }) {
            yield;
            return copyFromUserInatomic(task, new Uint8Array(4), user, 0x1000);
          },
          *reclaim({ user }) {
            yield;
            user.unmap(0x1000);
          },
        },
        check: ({ results }) => {
          lefts.add(results['copy']);
        },
      });
      expect(outcome.kind).to.equal('exhausted');
      expect([...lefts].sort()).to.deep.equal([0, 4]);
    });

    it('see what a handler keeps in a variable of its own', () => {
      const seen = new Set<unknown>();
      const outcome = explore<Shared>({
        setup: (machine) => {
          const pages = machine.allocPages(2, { zone: 'lowmem' });
          machine.physical(pages[0]!).fill(1);
          machine.physical(pages[1]!).fill(2);
          let faults = 0;
          const user = new UserSpace(machine, {
            *handleFault() {
              const page = pages[faults % 2]!;
              yield;
              faults += 1;
              return page;
            },
          });
          return { user, page: pages[0]! };
        },
        tasks: Object.fromEntries(
          [0, 1].map((n) => [
            `reader ${String(n)}`,
            function* ({ task, user }: Shared & { readonly task: Context }) {
              const got = yield* getUser(task, user, 0x1000 * (n + 1), 1);
              return got.ok ? got.value : -1;
            },
          ]),
        ),
        check: ({ results }) => {
          seen.add(`${String(results['reader 0'])} ${String(results['reader 1'])}`);
        },
      });
      expect(outcome.kind).to.equal('exhausted');
      expect([...seen].sort()).to.deep.equal(['1 1', '1 2', '2 1']);
    });

    it('find the local map that a sleeping copy keeps while another task needs its lock', () => {
      const outcome = explore<Shared>({
        setup,
        tasks: {
          *copy({ task, user, page }) {
            const mapped = kmapLocalPage(task, page);
            const left = yield* copyFromUser(task, { mapping: mapped, offset: 0, length: 8 }, user, 0x1000);
            kunmapLocal(task, mapped);
            return left;
          },
          *other({ task, page }) {
            const mapped = kmapLocalPage(task, page);
            yield;
            kunmapLocal(task, mapped);
          },
        },
        check: ({ results }) => results['copy'] === 0,
      });
      expect(outcome.kind, JSON.stringify(outcome)).to.equal('exhausted');
    });
  });
});
