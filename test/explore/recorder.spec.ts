import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
import type { Explained, Program } from 'scatterlist/explore';
import { kmapAtomic, kmapLocalPage, kunmapAtomic, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { lineOf } from './programs.ts';

/** The events of a kind, each with the line that caused it. */
function linesOf(told: Explained, kind: string): readonly number[] {
  return told.events.filter(({ event }) => event === kind).map((event) => told.siteOf(event)?.line ?? 0);
}

describe('Recorder', () => {
  let line = 0;
  const program: Program<{ readonly page: Page; n: number }> = {
    machine: { cpus: 1 },
    setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }), n: 0 }),
    tasks: {
      *one(env) {
        const { task, page } = env;
        line = lineOf();
        const window = kmapAtomic(task, page);
        window.store8(0, env.choose(2));
        window.load8(0);
        env.n = 1;
        env.note('done');
        kunmapAtomic(task, window);
        yield;
      },
    },
    interrupts: {
      tick: { kind: 'hardirq', run: ({ machine, page }) => void machine.physical(page).fill(3, 8, 10) },
    },
  };
  const told = explain(program, parseSchedule('0._.1._.=1.0'));

  it('knows the line of each event, also of what the explorer itself was told', () => {
    const at = Object.fromEntries(
      ['map', 'store', 'choose', 'load', 'shared-write', 'note', 'unmap'].map((kind) => [
        kind,
        linesOf(told, kind).map((found) => found - line),
      ]),
    );
    expect(at).to.deep.equal({
      map: [1],
      choose: [2],
      store: [2],
      load: [3],
      'shared-write': [4],
      note: [5],
      unmap: [6],
    });
    expect(linesOf(told, 'interrupted')).to.deep.equal([line + 1]);
    // What the explorer itself does has no line of the program, and must not have that of this test.
    expect(linesOf(told, 'irq-enter')).to.deep.equal([0]);
    expect(linesOf(told, 'changed')).to.deep.equal([0]);
  });

  it('tells counts that change, interrupts inside a function, and bytes that an array changed', () => {
    const { events } = told;
    const of = (kind: string) => events.filter(({ event }) => event === kind);
    const counts = of('counts').map((event) => ('now' in event ? event.now : {}));
    expect(counts[0]).to.deep.equal({ preempt: 1, migrate: 1, pagefault: 1 });
    expect(Object.assign({}, ...counts)).to.deep.equal({ preempt: 0, migrate: 0, pagefault: 0 });
    expect(of('interrupted')[0]).to.include({ where: 'kmap_local: index taken' });
    expect(of('changed')[0]).to.include({ pfn: 64, offset: 8, lengthBytes: 2 });
    expect(of('shared-write')[0]).to.include({ place: 'n', value: '1' });
  });

  it('does not listen while exploring', () => {
    const local: Program<{ readonly page: Page }> = {
      setup: program.setup ?? (() => ({ page: undefined as never })),
      tasks: {
        *one({ task, page }) {
          kunmapLocal(task, kmapLocalPage(task, page));
        },
      },
      dataRaces: true,
    };
    expect(explain(local, [0]).events.length).to.be.greaterThan(0);
  });
});
