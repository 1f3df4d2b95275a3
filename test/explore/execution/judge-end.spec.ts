import { expect } from 'chai';
import { Execution } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage } from 'scatterlist/machine';
import { STOP } from '../../../lib/explore/world.ts';

/** Ends with a mapping that is held, and with a check that fails. */
function ending(allow: Program['allow'] = []): Execution {
  const world = new Execution({
    allow,
    tasks: {
      *task({ task, machine }) {
        kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      },
    },
    check: () => false,
  });
  world.begin(() => STOP);
  world.take(0);
  return world;
}

describe('judgeEnd', () => {
  it('ends with the first rule that is broken', () => {
    expect(ending().violation?.rule).to.equal('leak');
  });

  it('goes on behind a rule that may be broken', () => {
    expect(ending(['leak', 'count-imbalance']).violation?.rule).to.equal('final-check');
    expect(ending(['leak', 'count-imbalance', 'final-check']).violation).to.equal(undefined);
  });
});
