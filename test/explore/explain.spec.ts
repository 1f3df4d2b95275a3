import { expect } from 'chai';
import { explain, explore, formatReport, parseSchedule, roundRobin } from 'scatterlist/explore';
import { counter, found } from './programs.ts';

describe('explain', () => {
  it('tells each step: who, where, and its events', () => {
    const told = explain(counter(), parseSchedule('0.1.1.0'));
    expect(told.names).to.deep.equal(['one', 'two']);
    expect(told.steps.map(({ actor, cpu }) => [actor, cpu])).to.deep.equal([
      [0, 0],
      [1, 0],
      [1, 0],
      [0, 0],
    ]);
    expect(told.steps[0]?.firstEvent).to.be.lessThan(told.steps[1]?.firstEvent ?? 0);
  });

  describe('of a long schedule', () => {
    const schedule = Array<number>(2000).fill(0);
    const long = {
      tasks: {
        *one() {
          for (let i = 1; i < 2000; i += 1) yield;
          throw new Error('at last');
        },
      },
    };

    it('says how far it is', () => {
      const told: (readonly [number, number])[] = [];
      const { violation, stopped } = explain(long, schedule, { onProgress: (...far) => told.push(far) });
      expect([violation?.rule, stopped]).to.deep.equal(['exception', undefined]);
      expect(told.length).to.be.greaterThan(10);
      expect(told[0]).to.deep.equal([0, 2000]);
      expect(told.map(([taken]) => taken)).to.deep.equal(told.map(([taken]) => taken).sort((a, b) => a - b));
      expect(told.at(-1)?.[0]).to.be.greaterThan(1900);
    });

    it('ends with the time, or when it is told to', () => {
      let looks = 0;
      const signal = {
        get aborted() {
          looks += 1;
          return looks > 20;
        },
      };
      for (const options of [{ milliseconds: 0 }, { signal }]) {
        const told = explain(long, schedule, options);
        expect([told.violation, told.stopped]).to.deep.equal([undefined, true]);
        expect(told.unused)
          .to.equal(2000 - told.steps.length)
          .and.above(1500);
        expect(formatReport(told)).to.contain(
          `The time was over before the schedule had ended: its last ${String(told.unused)} decisions were not run.`,
        );
      }
    });

    it('that was found is reported without it, if it is stopped then', () => {
      let reads = 0;
      const signal = {
        get aborted() {
          if (reads > 0) reads += 1;
          return reads > 2;
        },
      };
      const onSchedule = (): void => {
        reads = 1;
      };
      const outcome = explore(long, roundRobin(), { shrink: false, signal, onSchedule });
      const { violation, schedule: text, switches } = found(outcome);
      expect(violation.what).to.contain('at last');
      expect([parseSchedule(text).length, switches]).to.deep.equal([2000, 0]);
    });
  });

  it('knows where a mapping was made', () => {
    const told = explain(counter(), parseSchedule(found(explore(counter())).schedule));
    const map = told.events.find((event) => event.event === 'map');
    expect(map !== undefined && 'site' in map && map.site?.file).to.match(/programs\.ts$/);
  });
});
