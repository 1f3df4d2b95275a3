import { expect } from 'chai';
import { NOT_SEEN, WHOLE } from 'scatterlist/explore';
import type { PackedPiece, PiecesResult } from 'scatterlist/explore';
import { Bag, NO_COUNTS } from '../../../lib/cli/campaign/bag.ts';

const piece = (share: number): PackedPiece => ({ prefix: String(share * 100), nodes: [], share });

function result(more: Partial<PiecesResult> = {}): PiecesResult {
  return { counts: { ...NO_COUNTS, steps: 10, states: 2 }, rest: [], seen: NOT_SEEN, ...more };
}

describe('Bag', () => {
  it('deals pieces so that each worker gets about as much, the smallest first', () => {
    const bag = new Bag();
    const [first] = bag.deal(3);
    if (first === undefined) throw new Error('no job');
    expect(bag.isEmpty).to.equal(true);
    expect(bag.isDone).to.equal(false);
    bag.take(first, result({ rest: [piece(0.1), piece(0.4), piece(0.2), piece(0.1)] }));
    expect(bag.progress).to.be.closeTo(0.2, 1e-9);
    const jobs = bag.deal(2);
    expect(jobs.map((job) => job.pieces.map(({ share }) => share))).to.deep.equal([[0.4], [0.1, 0.1, 0.2]]);
    for (const job of jobs) bag.take(job, result());
    expect([bag.isDone, bag.progress, bag.counts.steps, bag.counts.states]).to.deep.equal([true, 1, 30, 6]);
  });

  it('keeps what workers are at, for a checkpoint', () => {
    const bag = new Bag();
    const [job] = bag.deal(1);
    expect(bag.left.pieces).to.deep.equal(job?.pieces);
    expect(new Bag(bag.left).isEmpty).to.equal(false);
  });

  it('starts again when more of the program is seen, and still believes a violation', () => {
    const bag = new Bag({ pieces: [piece(0.5), piece(0.5)], seen: NOT_SEEN, counts: NO_COUNTS });
    const [one, two] = bag.deal(2);
    if (one === undefined || two === undefined) throw new Error('no jobs');
    const seen = { ...NOT_SEEN, partsRead: ['locks'] };
    bag.take(one, result({ seen, rest: [piece(0.2)] }));
    bag.take(two, result({ rest: [piece(0.3)], found: { schedule: '0.1', rule: 'leak' } }));
    expect(bag.left.pieces.map(({ share }) => share)).to.deep.equal([1]);
    expect(bag.left.seen).to.deep.equal(seen);
    expect([bag.isDecided, bag.found.length, bag.counts.steps, bag.counts.states]).to.deep.equal([
      true,
      1,
      20,
      0,
    ]);
    const [again] = bag.deal(1);
    expect(again?.table).not.to.equal(one.table);
  });

  it('starts again for one worker alone when tasks loop, also from a checkpoint', () => {
    const bag = new Bag({ pieces: [piece(0.5), piece(0.5)], seen: NOT_SEEN, counts: NO_COUNTS });
    const [one, two] = bag.deal(2);
    if (one === undefined || two === undefined) throw new Error('no jobs');
    expect([one.isAlone, bag.isAlone]).to.deep.equal([false, false]);
    bag.take(one, result({ loops: true, rest: [piece(0.5)] }));
    bag.take(two, result({ loops: true, rest: [piece(0.5)] }));
    for (const again of [bag, new Bag(bag.left)]) {
      const jobs = again.deal(2);
      expect(jobs.map((job) => [job.isAlone, job.pieces])).to.deep.equal([[true, [WHOLE]]]);
    }
  });

  it('knows what is left of a job that goes on', () => {
    const bag = new Bag();
    const [job] = bag.deal(1);
    if (job === undefined) throw new Error('no job');
    bag.tell(job, [piece(0.25)]);
    expect([bag.progress, bag.left.pieces]).to.deep.equal([0.75, [piece(0.25)]]);
    bag.take(job, result());
    bag.tell(job, [piece(0.5)]);
    expect(bag.isDone).to.equal(true);
  });
});
