import { expect } from 'chai';
import fc from 'fast-check';
import { formatSchedule, parseSchedule } from 'scatterlist/explore';
import { ConfigError } from 'scatterlist';
import { STOP } from '../../lib/explore/world.ts';
import {
  CONTINUE,
  END,
  actorOf,
  cpuOf,
  isInner,
  onCpu,
  valueChoice,
  valueOf,
} from '../../lib/explore/choice.ts';

const choice = fc.oneof(
  fc.constant(CONTINUE),
  fc.constant(END),
  fc.nat(1023),
  fc.nat(999).map(valueChoice),
  fc.tuple(fc.nat(1023), fc.nat(63)).map(([actor, cpu]) => onCpu(actor, cpu)),
);

describe('schedules as text', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(fc.array(choice), (schedule) => {
        expect(parseSchedule(formatSchedule(schedule))).to.deep.equal(schedule);
      }),
    );
  });

  it('look like this', () => {
    expect(formatSchedule([0, onCpu(2, 1), CONTINUE, 3, valueChoice(0), valueChoice(12)])).to.equal(
      '0.2@1._.3.=0.=12',
    );
    expect([valueOf(valueChoice(7)), isInner(valueChoice(7)), isInner(CONTINUE), isInner(0)]).to.deep.equal([
      7,
      true,
      true,
      false,
    ]);
    expect([actorOf(onCpu(2, 1)), cpuOf(onCpu(2, 1)), cpuOf(2)]).to.deep.equal([2, 1, -1]);
  });

  it('tell going on from stopping, and from every actor', () => {
    expect(new Set([CONTINUE, STOP, END, valueChoice(0)]).size).to.equal(4);
    expect([formatSchedule([0, END]), isInner(END), actorOf(END)]).to.deep.equal(['0.end', false, 1023]);
    expect([CONTINUE, STOP].filter((choice) => choice >= 0)).to.deep.equal([]);
  });

  it('are refused where they are none', () => {
    for (const text of ['x', '1..2', '1@', '1024', '4096', '-1', '1024@1', '1@1000', '=', '=1000', '=-1'])
      expect(() => parseSchedule(text), text).to.throw(ConfigError);
    expect(parseSchedule('1023.1023@0.0@999')).to.deep.equal([1023, onCpu(1023, 0), onCpu(0, 999)]);
    expect([parseSchedule(''), formatSchedule([])]).to.deep.equal([[], '']);
  });
});
