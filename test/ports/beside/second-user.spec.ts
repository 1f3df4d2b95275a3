import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Contract, MapBackend, Mapping, Page } from 'scatterlist';
import { faultInjection, kmap, recorder } from 'scatterlist/backends';
import { runAlone } from 'scatterlist/machine';
import type { Machine, Task } from 'scatterlist/machine';
import { markOf, secondUser } from '../../../lib/ports/beside/second-user.ts';

interface Ran {
  readonly written: unknown;
  readonly pages: readonly Page[];
  readonly machine: Machine;
}

function run(bind: (task: Task) => MapBackend): Ran {
  const machine = createMachine({ pkmapSlots: 4 });
  const task = machine.task('second user');
  const secondPages = machine.allocPages(3, { zone: 'highmem' });
  const backend = bind(task);
  const written = runAlone(task, secondUser({ task, bindBackend: () => backend, secondPages }));
  machine.checkLeaks();
  return { written, pages: secondPages, machine };
}

const marks = ({ machine, pages }: Ran): readonly (number | undefined)[] =>
  pages.map((page) => machine.physical(page)[0]);

describe('the second user of a pool', () => {
  it('maps all its pages, writes a byte to each, and releases the newest first', () => {
    let recording: ReturnType<typeof recorder> | undefined;
    const ran = run((task) => (recording = recorder<Contract, Mapping>(kmap(task))));
    const calls = recording?.calls.map(({ call, pfn }) => `${call} ${String(pfn)}`);
    const [a, b, c] = ran.pages.map(({ pfn }) => String(pfn));
    expect(calls).to.deep.equal([
      ...[a, b, c].map((pfn) => `map ${String(pfn)}`),
      ...[c, b, a].map((pfn) => `unmap ${String(pfn)}`),
    ]);
    expect(ran.written).to.equal(3);
    expect(marks(ran)).to.deep.equal([0, 1, 2].map(markOf));
  });

  it('releases what it has if a map fails', () => {
    const ran = run((task) => faultInjection(kmap(task), { failAt: 2 }));
    expect(ran.written).to.equal(2);
    expect(marks(ran)).to.deep.equal([markOf(0), markOf(1), 0]);
  });
});
