import { expect } from 'chai';
import { Footprint } from '../../lib/explore/footprint.ts';

const make = (fill: (footprint: Footprint) => void): Footprint => {
  const footprint = new Footprint();
  fill(footprint);
  return footprint;
};

describe('Footprint', () => {
  const read = make((f) => {
    f.read(1);
  });
  const write = make((f) => {
    f.write(1);
  });
  const other = make((f) => {
    f.write(2);
  });
  const load = make((f) => {
    f.range(10, 12, false);
  });
  const store = make((f) => {
    f.range(11, 13, true);
  });

  it('conflicts where one writes what the other touches', () => {
    expect(read.conflicts(write)).to.equal(true);
    expect(write.conflicts(read)).to.equal(true);
    expect(write.conflicts(write)).to.equal(true);
    expect(read.conflicts(read)).to.equal(false);
    expect(write.conflicts(other)).to.equal(false);
  });

  it('compares bytes by their ranges', () => {
    expect(load.conflicts(store)).to.equal(true);
    expect(load.conflicts(load)).to.equal(false);
    expect(
      store.conflicts(
        make((f) => {
          f.range(13, 20, true);
        }),
      ),
    ).to.equal(false);
  });

  it('adds up', () => {
    const both = make((f) => {
      f.merge(load);
      f.merge(other);
    });
    expect(both.conflicts(store)).to.equal(true);
    expect(both.conflicts(other)).to.equal(true);
    expect(both.conflicts(read)).to.equal(false);
  });

  it('conflicts with everything after something that is not tracked', () => {
    const wild = make((f) => {
      f.everything = true;
    });
    expect(wild.conflicts(new Footprint())).to.equal(true);
    expect(
      make((f) => {
        f.merge(wild);
      }).conflicts(read),
    ).to.equal(true);
  });
});
