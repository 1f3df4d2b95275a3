import { expect } from 'chai';

import { endlessText } from '../../../lib/explore/loops/endless.ts';

describe('what is said of an endless loop', () => {
  it('names the loop, who waits, and what is different in each round', () => {
    expect(endlessText('task "a"', ['task "b"'], { line: 'poll.ts:3', changed: ['tries'] })).to.equal(
      'task "a" can repeat poll.ts:3 for ever while task "b" waits, and "tries" is different in each round, so not all of them were explored',
    );
    expect(
      endlessText('task "a"', ['task "b"', 'task "c"', 'device "d"'], {
        line: undefined,
        changed: ['x', 'y'],
      }),
    ).to.equal(
      'task "a" can go on for ever while task "b", task "c" and device "d" wait, and "x" and "y" are different in each round, so not all of them were explored',
    );
    expect(endlessText('task "a"', [], { line: undefined, changed: [] })).to.equal(
      'task "a" can go on for ever, and no two of its rounds are the same state, so not all of them were explored',
    );
  });
});
