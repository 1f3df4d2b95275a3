import { expect } from 'chai';
import { kmapLocalPage } from 'scatterlist/machine';
import { copyBetween } from '../../../lib/kernel/window/copy-between.ts';
import { PAGE, setUp, contents } from '../page/folio-fixture.ts';
import { violationOf } from '../violations.ts';

describe('copying between windows', () => {
  for (const mode of ['checked', 'direct'] as const) {
    it(`moves the bytes asked for, on a ${mode} machine`, () => {
      const { machine, task, low, high } = setUp({ mode });
      const was = contents(machine, high);
      const [to, from] = [kmapLocalPage(task, high.head), kmapLocalPage(task, low.head)];
      copyBetween(to, 9, from, 3, 20);
      was.set(contents(machine, low).subarray(3, 23), 9);
      expect(contents(machine, high)).to.deep.equal(was);
    });

    it(`does not read or write past a window, on a ${mode} machine`, () => {
      const { task, low, high } = setUp({ mode });
      const [to, from] = [kmapLocalPage(task, high.head), kmapLocalPage(task, low.head)];
      for (const [toOffset, fromOffset] of [
        [0, 1],
        [1, 0],
      ] as const) {
        expect(
          violationOf(() => {
            copyBetween(to, toOffset, from, fromOffset, PAGE);
          }),
        ).to.equal('page-overrun');
      }
    });
  }
});
