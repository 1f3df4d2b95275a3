import { expect } from 'chai';
import type { Choice } from '../../../lib/explore/choice.ts';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { DepthFirst, toFront } from '../../../lib/explore/strategies/depth-first.ts';
import type { PathNode } from '../../../lib/explore/strategies/depth-first.ts';
import { STOP } from '../../../lib/explore/world.ts';
import type { Point } from '../../../lib/explore/world.ts';

/** Tries every choice that is awake. */
class Plain extends DepthFirst<PathNode> {
  protected readonly prefix: readonly Choice[];
  readonly ended: (readonly Choice[])[] = [];

  constructor(prefix: readonly Choice[] = []) {
    super();
    this.prefix = prefix;
  }

  get done(): number {
    return this.doneOf(1);
  }

  next(): boolean {
    this.depth = 0;
    return this.advance() !== undefined;
  }

  protected override arrive(point: Point, at: number): PathNode | undefined {
    expect(at).to.equal(this.path.length);
    if (!point.inner) this.stepEnded(point);
    const asleep = point.inner ? [] : this.asleepAt(point);
    const choices = point.choices.filter((choice) => !asleep.some((other) => other.choice === choice));
    if (choices.length === 0) return undefined;
    const { inner } = point;
    const node: PathNode = {
      inner,
      enabled: point.choices.length,
      choices,
      at: 0,
      asleep,
      branch: undefined,
      touched: undefined,
    };
    this.path.push(node);
    return node;
  }

  protected override explored({ choices }: PathNode): void {
    this.ended.push(choices);
  }
}

function at(choices: readonly Choice[], { wrote, ...more }: Partial<Point> & { wrote?: number } = {}): Point {
  const footprint = new Footprint();
  if (wrote !== undefined) footprint.write(wrote);
  return { choices, inner: false, last: -1, footprint, stateKey: () => undefined, ...more };
}

describe('DepthFirst', () => {
  /** Runs two actors of one step each, which write these places, in every order; returns the orders. */
  function orders(search: Plain, places: readonly [number, number]): readonly (readonly Choice[])[] {
    const all: Choice[][] = [];
    do {
      const order: Choice[] = [];
      let point = at([0, 1]);
      while (point.choices.length > 0) {
        const choice = search.choose(point);
        if (choice === STOP) break;
        order.push(choice);
        point = at(
          point.choices.filter((other) => other !== choice),
          { wrote: places[choice === 0 ? 0 : 1] },
        );
      }
      search.end(point);
      all.push(order);
    } while (search.next());
    return all;
  }

  it('tries the last decision first, and tells what is explored from the end of the path on', () => {
    const search = new Plain();
    expect(orders(search, [7, 7])).to.deep.equal([
      [0, 1],
      [1, 0],
    ]);
    expect(search.ended).to.deep.equal([[1], [0], [0, 1]]);
  });

  it('leaves out what was tried before a step with which it can change places', () => {
    expect(orders(new Plain(), [7, 8])).to.deep.equal([[0, 1], [1]]);
  });

  it('takes a step of which it is not known what it touches for one that touches everything', () => {
    const search = new Plain();
    search.choose(at([0, 1]));
    search.end(at([], { footprint: undefined }));
    search.next();
    search.choose(at([0, 1]));
    expect(search.choose(at([0], { wrote: 8 }))).to.equal(0);
  });

  it('adds what happened inside a step to the step', () => {
    const search = new Plain();
    search.choose(at([0, 1]));
    search.choose(at([3, 4], { inner: true }));
    search.choose(at([1], { wrote: 7 }));
    search.end(at([]));
    // Another interrupt arrives inside the same step, which writes another place then.
    search.next();
    search.choose(at([0, 1]));
    search.choose(at([3, 4], { inner: true }));
    search.end(at([], { wrote: 8 }));
    search.next();
    search.choose(at([0, 1]));
    expect(search.choose(at([0], { wrote: 7 }))).to.equal(0);
  });

  it('begins with the decisions that are given', () => {
    const search = new Plain([5, 6]);
    expect([search.choose(at([4, 5])), search.choose(at([6])), search.choose(at([8, 9]))]).to.deep.equal([
      5, 6, 8,
    ]);
    search.next();
    expect(() => search.choose(at([4]))).to.throw('a prefix is no longer possible');
  });

  it('says how much of the path is done', () => {
    const search = new Plain();
    for (const choices of [
      [0, 1],
      [1, 2, 3, 4],
    ])
      search.choose(at(choices));
    const done = [search.done];
    while (search.next()) done.push(search.done);
    expect(done).to.deep.equal([0, 0.125, 0.25, 0.375, 0.5]);
  });

  it('remembers that a task looped', () => {
    const search = new Plain();
    search.choose(at([0]));
    expect(search.sawLoop).to.equal(false);
    search.choose(at([0], { looped: true }));
    search.choose(at([0]));
    expect(search.sawLoop).to.equal(true);
  });
});

describe('toFront', () => {
  it('makes one choice the first and keeps the order of the others', () => {
    for (const [place, expected] of [
      [2, [6, 4, 5, 7]],
      [0, [4, 5, 6, 7]],
      [-1, [4, 5, 6, 7]],
    ] as const) {
      const choices = [4, 5, 6, 7];
      toFront(choices, place);
      expect(choices).to.deep.equal(expected);
    }
  });
});
