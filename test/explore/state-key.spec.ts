import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal, preemptDisable } from 'scatterlist/machine';
import type { Machine } from 'scatterlist/machine';
import { Hash } from '../../lib/base/hash.ts';
import { Observer, Resources } from '../../lib/explore/observer.ts';
import { addMachine, followsSlots } from '../../lib/explore/state-key.ts';

function key(work: (machine: Machine) => void): number {
  const machine = createMachine({ pageSize: 256, callSites: false });
  const observer = new Observer(machine, new Resources(), false, true);
  machine.hardware.trace = observer;
  machine.task('a');
  const page = machine.allocPage({ zone: 'highmem' });
  const keep = kmapLocalPage(machine.task('b'), page);
  keep.store8(1, 1);
  work(machine);
  const hash = new Hash();
  addMachine(hash, machine, observer);
  return hash.value;
}

describe('state key of a machine', () => {
  const [nothing, counts, memory, maps, frames] = [
    () => undefined,
    (m: Machine) => {
      preemptDisable(m.tasks[0]!);
    },
    (m: Machine) => {
      [...m.live][0]!.store8(0, 1);
    },
    (m: Machine) => {
      kmapLocalPage(m.tasks[1]!, [...m.live][0]!.page);
    },
    (m: Machine) => {
      m.allocPage({ zone: 'lowmem' });
    },
  ];

  it('tells states apart', () => {
    const keys = [nothing, counts, memory, maps, frames].map((work) => key(work));
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('is the same for the same state, whatever it cost to get there', () => {
    expect(key(nothing)).to.equal(key(nothing));
    const thereAndBack = key((m) => {
      const task = m.tasks[1]!;
      kunmapLocal(task, kmapLocalPage(task, [...m.live][0]!.page));
    });
    expect(thereAndBack).to.equal(key(nothing));
  });

  it('follows slots only where a switch could show', () => {
    expect(followsSlots({ tasks: {} })).to.equal(false);
    expect(followsSlots({ tasks: {}, allow: ['unmap-order'] })).to.equal(true);
    expect(followsSlots({ tasks: {}, interrupts: { i: { kind: 'nmi', run: () => undefined } } })).to.equal(
      true,
    );
  });
});
