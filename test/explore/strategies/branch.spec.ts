import { expect } from 'chai';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { Branch } from '../../../lib/explore/strategies/branch.ts';
import { Races, add } from '../../../lib/explore/strategies/races.ts';
import type { Point } from '../../../lib/explore/world.ts';

function writes(resource: number): Footprint {
  const footprint = new Footprint();
  footprint.write(resource);
  return footprint;
}

function point(choices: readonly number[], isCut = false): Point {
  return {
    choices,
    inner: false,
    last: -1,
    footprint: undefined,
    racing: { isCut, isOnlyWoken: () => true },
    stateKey: () => undefined,
  };
}

/** Tries actor 0 of those that can act, and says who is tried besides. */
function triedBeside(
  enabled: readonly number[],
  after: readonly number[],
  racing: readonly number[],
): number[] {
  const races = new Races();
  const branch = new Branch(races, point(enabled), [], []);
  const choices = [...branch.begin(enabled)];
  branch.reached(point(after));
  const future: number[] = [];
  for (const actor of racing) add(future, races.event(actor, writes(5)));
  branch.leadsTo(future);
  branch.tried(0, writes(5), choices);
  return choices.slice(1);
}

describe('Branch', () => {
  it('begins with one actor', () => {
    const branch = new Branch(new Races(), point([0, 1, 2]), [], []);
    expect(branch.begin([1, 0, 2])).to.deep.equal([1]);
    expect(branch.waiting).to.deep.equal([0, 2]);
  });

  it('adds the actors that race with what was tried, and only those', () => {
    expect(triedBeside([0, 1, 2], [0, 1, 2], [])).to.deep.equal([]);
    expect(triedBeside([0, 1, 2], [0, 1, 2], [0])).to.deep.equal([]);
    expect(triedBeside([0, 1, 2], [0, 1, 2], [2])).to.deep.equal([2]);
  });

  it('adds an actor that can no longer act', () => {
    expect(triedBeside([0, 1, 2], [0, 2], [])).to.deep.equal([1]);
  });

  it('adds all if one races that cannot act yet, unless the step is what let it act', () => {
    expect(triedBeside([0, 1, 2], [0, 1, 2], [3])).to.deep.equal([1, 2]);
    expect(triedBeside([0, 1, 2], [0, 1, 2, 3], [3])).to.deep.equal([]);
  });

  it('adds all after an end that cut something off', () => {
    const branch = new Branch(new Races(), point([0, 1]), [], []);
    const choices = [...branch.begin([0, 1])];
    branch.reached(point([], true));
    branch.tried(0, writes(1), choices);
    expect(choices).to.deep.equal([0, 1]);
  });

  it('takes over what sleeping steps lead to, and what they race with', () => {
    const races = new Races();
    const future = add([], races.event(2, writes(7)));
    const branch = new Branch(races, point([0, 1, 2]), [{ choice: 1, footprint: writes(7), future }], []);
    const choices = [...branch.begin([0, 2])];
    branch.reached(point([0, 1, 2]));
    branch.leadsTo(add([], races.event(1, writes(5))));
    branch.tried(0, writes(5), choices);
    expect(branch.asleepAndNeeded).to.deep.equal([1]);
    expect(choices).to.deep.equal([0, 2]);
    expect(branch.future[0]).not.to.equal(0);
  });
});
