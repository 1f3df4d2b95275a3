import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import {
  kmapAtomic,
  kmapLocalPage,
  kunmapAtomic,
  kunmapLocal,
  pageAddress,
  pgmapSetNoaccess,
  pgmapSetReadwrite,
} from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

describe('page protection', () => {
  const rig = () => {
    const machine = createMachine({ protectedPages: 2 });
    const task = machine.task('holder');
    const [page, other] = machine.allocPages(2, { zone: 'protected' });
    const m = pageAddress(task, page!)!;
    return { machine, task, page: page!, other: other!, touch: () => violationOf(() => m.load8(0)) };
  };

  it('opens with the first grant and closes with the last', () => {
    const { machine, task, page, other, touch } = rig();
    expect(touch()).to.equal('protected-access');
    pgmapSetReadwrite(task, page);
    pgmapSetReadwrite(task, other);
    pgmapSetNoaccess(task, other);
    expect(touch()).to.equal('none');
    pgmapSetNoaccess(task, page);
    expect(touch()).to.equal('protected-access');
    expect(machine.ledger.keySwitches).to.equal(2);
  });

  it('belongs to the task, not to the CPU', () => {
    const { machine, task, page, touch } = rig();
    pgmapSetReadwrite(task, page);
    machine.enter(machine.task('stranger'));
    expect(touch()).to.equal('protected-access');
    machine.enter(task);
    expect(touch()).to.equal('none');
  });

  it('comes with a local or an atomic map, and goes with it', () => {
    const { task, page, touch } = rig();
    const local = kmapLocalPage(task, page);
    const atomic = kmapAtomic(task, page);
    kunmapAtomic(task, atomic);
    expect(touch()).to.equal('none');
    kunmapLocal(task, local);
    expect(touch()).to.equal('protected-access');
    expect(task.keyGrants).to.equal(0);
  });

  it('is nothing to other pages, and cannot be taken back before it is given', () => {
    const { machine, task, page } = rig();
    const plain = machine.allocPage({ zone: 'highmem' });
    pgmapSetReadwrite(task, plain);
    pgmapSetNoaccess(task, plain);
    expect(machine.ledger.keySwitches).to.equal(0);
    expect(violationOf(() => pgmapSetNoaccess(task, page))).to.equal('count-imbalance');
    expect(task.keyGrants).to.equal(0);
  });
});
