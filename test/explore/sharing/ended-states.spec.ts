import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { Resources } from '../../../lib/explore/observer.ts';
import { EndedStates, endedStatesMemory } from '../../../lib/explore/sharing/ended-states.ts';
import type { EndedStatesMemory } from '../../../lib/explore/sharing/ended-states.ts';
import { Races, add, addAll } from '../../../lib/explore/strategies/races.ts';

const KEY = 2 ** 52 + 12345;

interface Member {
  readonly races: Races;
  readonly resources: Resources;
  readonly states: EndedStates;
  /** An event of an actor that writes what has a name. */
  event(actor: number, name: string): number;
}

function member(memory: EndedStatesMemory, ...names: readonly string[]): Member {
  const [races, resources] = [new Races(), new Resources()];
  for (const name of names) resources.id(name);
  return {
    races,
    resources,
    states: new EndedStates(memory, races, resources),
    event: (actor, name) => {
      const footprint = new Footprint();
      footprint.write(resources.id(name));
      return races.event(actor, footprint);
    },
  };
}

describe('EndedStates', () => {
  it('tells other threads what has ended, and the first that ended it', () => {
    const memory = endedStatesMemory(1000);
    const [one, two] = [member(memory), member(memory)];
    expect([one.states.has(KEY), one.states.futureOf(KEY)]).to.deep.equal([false, undefined]);
    expect([one.states.end(KEY, []), one.states.end(KEY, []), two.states.end(KEY, [])]).to.deep.equal([
      true,
      false,
      false,
    ]);
    const three = member(memory);
    expect([three.states.has(KEY), three.states.has(KEY - 1), three.states.futureOf(KEY)]).to.deep.equal([
      true,
      false,
      [],
    ]);
  });

  it('tells the same events to a thread that numbers events and resources in another way', () => {
    const memory = endedStatesMemory(1000);
    const [one, two] = [member(memory), member(memory, 'pool', 'queue')];
    two.event(5, 'queue');
    const future: number[] = [];
    for (let i = 0; i < 70; i += 1) add(future, one.event(i % 3, `lock ${String(i)}`));
    one.states.end(KEY, add(future, one.event(7, 'pool')));
    const there = two.states.futureOf(KEY) ?? [];
    const racing = (name: string): readonly number[] => [
      ...(two.races.racing(two.event(9, name), there) ?? [-1]),
    ];
    expect([racing('pool'), racing('lock 0'), racing('lock 69'), racing('queue')]).to.deep.equal([
      [7],
      [0],
      [0],
      [],
    ]);
    // And back.
    two.states.end(KEY + 1, there);
    expect(one.states.futureOf(KEY + 1)).to.deep.equal(future);
  });

  it('keeps it if anything may happen', () => {
    const memory = endedStatesMemory(1000);
    const [one, two] = [member(memory), member(memory)];
    one.states.end(KEY, addAll(add([], one.event(1, 'pool')), one.races.unknown));
    expect(two.races.racing(two.event(2, 'other'), two.states.futureOf(KEY) ?? [])).to.equal(undefined);
  });

  it('forgets for others what finds no room', () => {
    const memory = endedStatesMemory(1);
    const [one, two] = [member(memory), member(memory)];
    for (let key = 0; key < 300; key += 1) expect(one.states.end(key, [])).to.equal(true);
    const there = (of: Member): number =>
      Array.from({ length: 300 }, (_, key) => of.states.has(key)).filter(Boolean).length;
    expect([there(one), there(two)]).to.deep.equal([300, 224]);
  });

  it('refuses a number of states that is none', () => {
    for (const states of [0, 1.5, 2 ** 30]) expect(() => endedStatesMemory(states)).to.throw(ConfigError);
  });
});
