import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal, pageAddress } from 'scatterlist/machine';
import { checkRelease } from '../../lib/kernel/release-checks.ts';
import { rulesOf, violationOf } from './violations.ts';

describe('checkRelease', () => {
  it('lets the owner release a live map of the mechanism', () => {
    const machine = createMachine();
    const task = machine.task();
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    expect(checkRelease(task, m, 'kmap_local', 'kunmap_local')).to.equal(true);
  });

  it('stops a second release even where the machine records', () => {
    const machine = createMachine({ onViolation: 'record' });
    const task = machine.task();
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    kunmapLocal(task, m);
    expect(violationOf(() => checkRelease(task, m, 'kmap_local', 'kunmap_local'))).to.equal('double-unmap');
  });

  it('names every other fault and lets a recording machine go on', () => {
    const machine = createMachine({ onViolation: 'record' });
    const [a, b, c] = [machine.task('a'), machine.task('b'), machine.task('c', { cpu: 1 })];
    const page = machine.allocPage({ zone: 'lowmem' });
    const local = kmapLocalPage(a, page);
    const everyone = pageAddress(a, page)!;
    expect(checkRelease(b, local, 'kmap_local', 'kunmap_local')).to.equal(true);
    expect(checkRelease(c, local, 'kmap', 'kunmap')).to.equal(true);
    expect(checkRelease(c, everyone, 'page_address', 'release')).to.equal(true);
    expect(rulesOf(machine)).to.deep.equal(['wrong-task', 'unmap-mismatch', 'wrong-cpu']);
  });
});
