import { expect } from 'chai';
import fc from 'fast-check';
import { FreeFrames } from '../../lib/machine/free-frames.ts';

/** The first run of so many frames, by looking at each. */
function firstRun(free: ReadonlySet<number>, end: number, count: number): number[] | undefined {
  for (let first = 0; first + count <= end; first += 1) {
    const run = Array.from({ length: count }, (_, i) => first + i);
    if (run.every((frame) => free.has(frame))) return run;
  }
  return undefined;
}

describe('FreeFrames', () => {
  it('takes the lowest run that is long enough, whatever came back in which order', () => {
    const step = fc.record({
      take: fc.integer({ min: 0, max: 6 }),
      give: fc.array(fc.nat(199), { maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(5, 200), (script, end) => {
        const frames = new FreeFrames(0, end);
        const free = new Set(Array.from({ length: end }, (_, i) => i));
        for (const { take, give } of script) {
          const back = [...new Set(give)].filter((frame) => frame < end && !free.has(frame));
          frames.give(back);
          for (const frame of back) free.add(frame);
          expect(frames.count).to.equal(free.size);
          const expected = firstRun(free, end, take);
          const { longestRun } = frames;
          expect([firstRun(free, end, longestRun), firstRun(free, end, longestRun + 1)]).to.satisfy(
            ([fits, doesNot]: unknown[]) => fits !== undefined && doesNot === undefined,
          );
          expect(frames.takeRun(take)).to.deep.equal(expected);
          for (const frame of expected ?? []) free.delete(frame);
          expect(frames.count).to.equal(free.size);
        }
      }),
    );
  });

  it('puts a few frames in their places among many ranges', () => {
    const frames = new FreeFrames(0, 1000);
    frames.takeRun(1000);
    frames.give(Array.from({ length: 500 }, (_, i) => 2 * i));
    expect(frames.takeRun(2)).to.equal(undefined);
    // Each joins two ranges; the last one is next to a single one.
    frames.give([301, 299, 999]);
    expect(frames.takeRun(5)).to.deep.equal([298, 299, 300, 301, 302]);
    expect(frames.takeRun(2)).to.deep.equal([998, 999]);
    frames.give([300]);
    expect(frames.takeRun(1)).to.deep.equal([0]);
    expect(frames.count).to.equal(500 + 3 - 5 - 2 + 1 - 1);
  });

  it('gives a hundred thousand frames back one by one, and has them in one run', () => {
    const frames = new FreeFrames(7, 100_000);
    const taken = frames.takeRun(100_000) ?? [];
    for (const frame of taken.filter((_, i) => i % 2 === 0)) frames.give([frame]);
    for (const frame of taken.filter((_, i) => i % 2 === 1)) frames.give([frame]);
    expect(frames.takeRun(100_000)?.[0]).to.equal(7);
  });

  it('has none of a zone without pages', () => {
    expect([new FreeFrames(3, 0).takeRun(1), new FreeFrames(3, 0).takeRun(0)]).to.deep.equal([undefined, []]);
  });
});
