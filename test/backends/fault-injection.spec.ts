import { expect } from 'chai';
import { createMachine, runAlone, sgInitTable, sgMap, sgSetPage, sgUnmap } from 'scatterlist';
import type { Page, SgEntry } from 'scatterlist';
import { faultInjection, kmap, kmapLocal } from 'scatterlist/backends';
import { conformance } from 'scatterlist/conformance';

describe('faultInjection', () => {
  const machine = createMachine();
  const task = machine.task();
  const page = machine.allocPage({ zone: 'highmem' });

  it('fails the map of the number given, once, and names the attempt', () => {
    const faulty = faultInjection(kmapLocal(task), { failAt: 2 });
    const answers = [0, 1, 2, 3].map(() => {
      const mapped = faulty.map(page, 0, 16);
      if (mapped.ok) faulty.unmap(mapped.value);
      return mapped.ok ? 'ok' : mapped.error;
    });
    expect(answers).to.deep.equal(['ok', 'ok', { code: 'Injected', attempt: 2 }, 'ok']);
    machine.checkLeaks();
  });

  it('fails where the plan says so, in the waiting form too', () => {
    const faulty = faultInjection(kmap(task), { failWhen: (attempt, p) => attempt > 0 && p === page });
    const first = runAlone(task, faulty.mapWait(page, 0, 16));
    const second = runAlone(task, faulty.mapWait(page, 0, 16));
    expect(second.ok ? 'ok' : second.error).to.deep.equal({ code: 'Injected', attempt: 1 });
    if (first.ok) faulty.unmap(first.value);
    machine.checkLeaks();
  });

  it('adds Injected to every kind of memory of the contract, and nothing else', () => {
    const { contract } = faultInjection(kmapLocal(task), {});
    expect(contract.errors.highmem).to.deep.equal(['Injected']);
    expect(contract.errors.iomem).to.deep.equal(['Unmappable', 'Injected']);
    expect({ ...contract, errors: undefined }).to.deep.equal({
      ...kmapLocal(task).contract,
      errors: undefined,
    });
  });

  it('maps another page instead: whoever writes spoils that one, and the token says which it is', () => {
    const other = machine.allocPage({ zone: 'highmem' });
    const faulty = faultInjection(kmapLocal(task), {
      mapInstead: ({ attempt }) => (attempt === 1 ? other : undefined),
    });
    for (const value of [1, 2]) {
      const mapped = faulty.map(page, 8, 16);
      if (!mapped.ok) throw new Error('injected');
      mapped.value.fill(value);
      faulty.unmap(mapped.value);
    }
    expect([page, other].map((p) => machine.physical(p)[8])).to.deep.equal([1, 2]);
    machine.checkLeaks();
  });

  it('changes what a reader gets and puts it back, and changes what a writer wrote', () => {
    machine.physical(page).fill(7);
    const reading = faultInjection(kmapLocal(task), {
      damage: (_call, mapping) => {
        const before = mapping.load8(3);
        mapping.store8(3, 0);
        return (later) => {
          later.store8(3, before);
        };
      },
    });
    const read = sgMap(entryOf(page), 0, reading);
    if (!read.ok) throw new Error('injected');
    expect(read.value.load8(3)).to.equal(0);
    sgUnmap(read.value);
    expect(machine.physical(page)[3]).to.equal(7);

    const writing = faultInjection(kmapLocal(task), {
      damage: ({ lengthBytes }) =>
        lengthBytes === machine.pageSize
          ? (later) => {
              later.store8(4095, later.load8(4095) ^ 1);
            }
          : undefined,
    });
    for (const length of [machine.pageSize, 16]) {
      const written = writing.map(page, 0, length);
      if (!written.ok) throw new Error('injected');
      written.value.fill(9);
      writing.unmap(written.value);
    }
    expect([...machine.physical(page).subarray(4094)]).to.deep.equal([9, 8]);
    machine.checkLeaks();
  });
});

describe('faultInjection and the endings of its damage', () => {
  it('ends each mapping once, also one that is made again of the same window', () => {
    const machine = createMachine({ mode: 'direct' });
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const ended: number[] = [];
    const faulty = faultInjection(kmapLocal(task), {
      damage: ({ attempt }) => (attempt % 2 === 0 ? () => ended.push(attempt) : undefined),
    });
    for (let i = 0; i < 6; i += 1) {
      const mapped = faulty.map(page, 0, 16);
      if (!mapped.ok) throw new Error('injected');
      faulty.unmap(mapped.value);
    }
    expect(ended).to.deep.equal([0, 2, 4]);
  });

  it('reaches the waiting form: another page, and damage', () => {
    const machine = createMachine();
    const task = machine.task();
    const [page, other] = [machine.allocPage({ zone: 'highmem' }), machine.allocPage({ zone: 'highmem' })];
    const faulty = faultInjection(kmap(task), {
      mapInstead: ({ attempt }) => (attempt === 0 ? other : undefined),
      damage: (_call, mapping) => {
        mapping.store8(1, 5);
        return (later) => {
          later.store8(2, 6);
        };
      },
    });
    const mapped = runAlone(task, faulty.mapWait(page, 0, 16));
    if (!mapped.ok) throw new Error('injected');
    expect(mapped.value.page).to.equal(other);
    expect([...machine.physical(other).subarray(1, 3)]).to.deep.equal([5, 0]);
    faulty.unmap(mapped.value);
    expect([...machine.physical(other).subarray(1, 3)]).to.deep.equal([5, 6]);
    machine.checkLeaks();
  });

  it('damages only what was mapped', () => {
    const machine = createMachine({ pkmapSlots: 1 });
    const task = machine.task();
    const calls: number[] = [];
    const faulty = faultInjection(kmap(task), {
      damage: ({ attempt }) => {
        calls.push(attempt);
        return undefined;
      },
    });
    const held = faulty.map(machine.allocPage({ zone: 'highmem' }), 0, 16);
    const full = faulty.map(machine.allocPage({ zone: 'highmem' }), 0, 16);
    expect([held.ok, full.ok ? 'ok' : full.error.code]).to.deep.equal([true, 'NoSlots']);
    expect(calls).to.deep.equal([0]);
  });
});

function entryOf(page: Page<'highmem'>): SgEntry<'highmem'> {
  const entry = sgInitTable<'highmem'>(1).entry(0);
  sgSetPage(entry, page, 4096);
  return entry;
}

conformance(
  { describe, it },
  {
    name: 'kmap_local behind faultInjection',
    backend: (context) => faultInjection(kmapLocal(context), {}),
    failing: { Injected: (context) => faultInjection(kmapLocal(context), { failWhen: () => true }) },
  },
);
