import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
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
});

conformance(
  { describe, it },
  {
    name: 'kmap_local behind faultInjection',
    backend: (context) => faultInjection(kmapLocal(context), {}),
    failing: { Injected: (context) => faultInjection(kmapLocal(context), { failWhen: () => true }) },
  },
);
