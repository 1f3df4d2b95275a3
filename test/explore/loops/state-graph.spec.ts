import { expect } from 'chai';

import { formatSchedule } from '../../../lib/explore/choice.ts';
import { StateGraph } from '../../../lib/explore/loops/state-graph.ts';

/** A graph from edges `[from, choice, to]` and the actors that can act in each state. */
function graph(
  edges: readonly (readonly [from: number, choice: number, to: number])[],
  enabled: Readonly<Record<number, readonly number[]>>,
): StateGraph {
  const made = new StateGraph();
  for (const [key, choices] of Object.entries(enabled)) made.state(Number(key), choices);
  for (const [from, choice, to] of edges) made.edge(from, [choice], to);
  made.root(1, []);
  return made;
}

describe('StateGraph', () => {
  it('has no cycle where there is none', () => {
    expect(graph([[1, 0, 2]], { 1: [0], 2: [] }).fairCycle()).to.equal(undefined);
  });

  it('leaves out cycles in which an actor could act and does not', () => {
    const poller = graph(
      [
        [1, 0, 1],
        [1, 1, 2],
      ],
      { 1: [0, 1], 2: [0] },
    );
    expect(poller.fairCycle()).to.equal(undefined);
    poller.edge(2, [0], 2);
    expect(formatSchedule(poller.fairCycle() ?? [])).to.match(/^1(\.0)+$/);
  });

  it('leaves out those in which it could act only now and then', () => {
    const now = { 1: [0], 2: [0, 1] };
    const edges = [
      [1, 0, 2],
      [2, 0, 1],
    ] as const;
    expect(graph(edges, now).fairCycle()).to.equal(undefined);
    expect(graph([...edges, [2, 1, 1]], now).fairCycle()).to.not.equal(undefined);
  });

  it('finds the part of a component that keeps away from where an actor is starved', () => {
    const made = graph(
      [
        [1, 0, 2],
        [2, 0, 1],
        [1, 0, 3],
        [3, 0, 1],
      ],
      { 1: [0], 2: [0, 1], 3: [0] },
    );
    expect(formatSchedule(made.fairCycle() ?? [])).to.match(/^0(\.0)+$/);
  });

  it('begins the schedule with what led to the beginning of the search', () => {
    const made = graph([[1, 0, 1]], { 1: [0] });
    const later = new StateGraph();
    later.state(5, [0]);
    later.root(5, [3, 2]);
    later.edge(5, [0], 5);
    expect(formatSchedule(later.fairCycle() ?? []).startsWith('3.2.0')).to.equal(true);
    expect(made.fairCycle()?.[0]).to.equal(0);
  });
});
