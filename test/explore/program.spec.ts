import { expect } from 'chai';
import { actorNames } from '../../lib/explore/program.ts';

describe('actorNames', () => {
  it('numbers tasks, then interrupts, then devices', () => {
    expect(actorNames({ devices: { nic: 1 }, tasks: { a: 1, b: 1 }, interrupts: { rx: 1 } })).to.deep.equal([
      'a',
      'b',
      'rx',
      'nic',
    ]);
  });
});
