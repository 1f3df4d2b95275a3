import { expect } from 'chai';
import { runKills } from './kills.ts';

describe('a target that is killed', () => {
  it('leaves an image of whole blocks, none older than what was synchronized', async function () {
    this.timeout(120_000);
    const { problems, writes, synchronized } = await runKills(6, 3);
    expect(problems).to.deep.equal([]);
    expect(writes).to.be.greaterThan(20);
    expect(synchronized).to.be.greaterThan(2);
  });
});
