import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { preemptible } from '../../../lib/ports/beside/preemptible.ts';
import { columnOf } from './two-pages.ts';

describe('a backend that can be preempted', () => {
  it('has a step before and one after a map that may wait, and does the same otherwise', () => {
    const machine = createMachine();
    const task = machine.task('task');
    const column = columnOf('kmap');
    const { contract, on } = preemptible(column);
    expect(contract).to.equal(column.contract);
    const backend = on(machine)(task);
    machine.enter(task);
    const page = machine.allocPage({ zone: 'highmem' });
    const waiting = backend.mapWait(page, 0, 8);
    expect(waiting.next()).to.deep.equal({ done: false, value: undefined });
    expect([...machine.live]).to.deep.equal([]);
    expect(waiting.next()).to.deep.equal({ done: false, value: undefined });
    expect([...machine.live]).to.have.length(1);
    const { value } = waiting.next();
    if (value === undefined || !('ok' in value) || !value.ok) throw new Error('not mapped');
    backend.unmap(value.value);
    const other = backend.map(page, 0, 8);
    if (!other.ok) throw new Error(other.error.code);
    backend.release(other.value);
    expect([...machine.live]).to.deep.equal([]);
  });

  it('sets up what the contexts of a machine share once for each machine', () => {
    const machine = createMachine({ bounceSlots: 2 });
    const bind = preemptible(columnOf('iomem_bounce')).on(machine);
    const [one, other] = [machine.task('one'), machine.task('other')];
    const [page] = machine.ioRegion(1);
    if (page === undefined) throw new Error('no page');
    machine.enter(one);
    expect(bind(one).map(page, 0, 4096).ok).to.equal(true);
    machine.enter(other);
    expect(bind(other).map(page, 0, 4096)).to.deep.include({ ok: false });
  });
});
