import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import { published } from '../../lib/explore/running.ts';

/** What a debugger of another thread would ask. */
function ask(): unknown {
  const tell: unknown = Reflect.get(globalThis, Symbol.for('scatterlist.explorer.running'));
  return typeof tell === 'function' ? Reflect.apply(tell, undefined, []) : undefined;
}

describe('what runs', () => {
  it('can be asked while it runs, the innermost first, and not afterwards', () => {
    published({ running: 'task "a"', schedule: [0, 1] }, () => {
      expect(ask()).to.deep.equal({ part: 'task "a"', schedule: '0.1' });
      expect(() =>
        published({ running: undefined }, () => {
          expect(ask()).to.deep.equal({ part: '', schedule: '' });
          throw new Error('stop');
        }),
      ).to.throw('stop');
      expect(ask()).to.deep.equal({ part: 'task "a"', schedule: '0.1' });
    });
    expect(ask()).to.equal(undefined);
  });

  it('names each part of a program, with the schedule that leads to it', () => {
    const seen = new Set<unknown>();
    const look = (): void => {
      seen.add(JSON.stringify(ask()));
    };
    explore({
      setup: () => {
        look();
        return {};
      },
      tasks: {
        *a() {
          look();
          yield;
          look();
        },
      },
      interrupts: { i: { kind: 'hardirq', times: 1, run: look } },
      devices: {
        *d() {
          look();
        },
      },
      check: () => {
        look();
        return true;
      },
    });
    for (const [part, schedule] of [
      ['setup', ''],
      ['task "a"', '0'],
      ['task "a"', '0.0'],
      ['interrupt "i"', '0.1'],
      ['device "d"', '0.1.2'],
      ['check', '2.1.0.0'],
    ])
      expect([...seen]).to.include(JSON.stringify({ part, schedule }));
  });
});
