import { expect } from 'chai';
import { SharedLog, sharedLogMemory } from '../../../lib/explore/sharing/shared-log.ts';

describe('SharedLog', () => {
  it('numbers a text in one way for all threads', () => {
    const memory = sharedLogMemory(100);
    const [one, two] = [new SharedLog(memory), new SharedLog(memory)];
    expect([one.add('a'), two.add('b'), two.add('a'), one.add('b'), one.add('c')]).to.deep.equal([
      0, 1, 0, 1, 2,
    ]);
    expect([two.at(2), one.at(1), new SharedLog(memory).at(0)]).to.deep.equal(['c', 'b', 'a']);
    expect(one.at(3)).to.equal('');
  });

  it('takes long texts, and says when there is no room', () => {
    const long = 'x'.repeat(70_000);
    const log = new SharedLog(sharedLogMemory(70_010));
    expect([log.add(long), log.add('123456789'), log.add('1234'), log.at(0) === long]).to.deep.equal([
      0,
      undefined,
      1,
      true,
    ]);
  });
});
