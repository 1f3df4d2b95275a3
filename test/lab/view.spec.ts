import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import { readView, writeView } from 'scatterlist/lab';
import type { View } from 'scatterlist/lab';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

describe('a view', () => {
  it('is read and written alike, whatever it is', () => {
    const machine = createMachine();
    const task = machine.task();
    const mapped = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    const views: readonly View[] = [new Uint8Array(64), mapped, { base: mapped.vaddr + 128, length: 64 }];
    for (const view of views) {
      writeView(task, view, Uint8Array.of(1, 2, 3), 10);
      const back = new Uint8Array(2);
      readView(task, view, back, 11);
      expect([...back]).to.deep.equal([2, 3]);
    }
    kunmapLocal(task, mapped);
  });

  it('is reached in the name of a context: a local map of another task is reported', () => {
    const machine = createMachine();
    const [one, two] = [machine.task('one'), machine.task('two')];
    const mapped = kmapLocalPage(one, machine.allocPage({ zone: 'highmem' }));
    for (const view of [mapped, { base: mapped.vaddr, length: 8 }])
      expect(() => {
        readView(two, view, new Uint8Array(1));
      }).to.throw(ViolationError);
  });
});
