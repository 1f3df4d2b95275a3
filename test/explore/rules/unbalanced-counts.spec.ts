import { expect } from 'chai';
import { explore, localBhDisable, localIrqDisable } from 'scatterlist/explore';
import { found } from '../programs.ts';

describe('unbalanced counts', () => {
  for (const disable of [localIrqDisable, localBhDisable]) {
    it(`are seen after ${disable.name}`, () => {
      const outcome = explore({
        tasks: {
          *one({ task }) {
            disable(task);
          },
        },
      });
      expect(found(outcome).violation.rule).to.equal('count-imbalance');
    });
  }
});
