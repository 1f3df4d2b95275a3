import { expect } from 'chai';
import { CoreMeter } from '../../bench/core-meter.ts';

/** A meter of which each reading is the next of the list, then the last again and again. */
function meterOf(readings: readonly number[], known = Number.POSITIVE_INFINITY): CoreMeter {
  let now = 0;
  let next = 0;
  return new CoreMeter(
    () => now,
    known,
    () => {
      now += readings[Math.min(next, readings.length - 1)]!;
      next += 1;
    },
  );
}

const read = (meter: CoreMeter, times: number): readonly number[] =>
  Array.from({ length: times }, () => meter.read());

describe('CoreMeter', () => {
  it('takes the fifth of the least readings for the best, and takes earlier processes at their word', () => {
    const meter = meterOf([200, 100, 103, 1, 300, 101, 102, 104]);
    expect(read(meter, 4)).to.deep.equal([200, 100, 103, 1]);
    expect(meter.bestMicros).to.equal(Number.POSITIVE_INFINITY);
    read(meter, 1);
    expect(meter.bestMicros).to.equal(300);
    read(meter, 3);
    expect(meter.bestMicros).to.equal(103);
    const later = meterOf([110], 100);
    read(later, 5);
    expect(later.bestMicros).to.equal(100);
  });

  it('calls a core its own up to 1.3 times the best', () => {
    const meter = meterOf([100], 100);
    expect([100, 129, 130, 215].map((reading) => meter.isQuiet(reading))).to.deep.equal([
      ...[true, true, false, false],
    ]);
  });

  it('waits until the core is quiet, or as long as it may', () => {
    expect(meterOf([200, 200, 200, 100, 200], 100).waitForQuiet(1e6)).to.equal(600);
    expect(meterOf([200], 100).waitForQuiet(1000)).to.equal(1000);
    expect(meterOf([200], 100).waitForQuiet(0)).to.equal(0);
  });

  it('times real work', () => {
    const meter = new CoreMeter(() => performance.now() * 1000, Number.POSITIVE_INFINITY);
    expect(Math.min(...read(meter, 20))).to.be.above(1);
  });
});
