import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { ioAccess, kmap } from 'scatterlist/backends';
import { kmapLocalPage } from 'scatterlist/machine';
import { Footprint } from '../../lib/explore/footprint.ts';
import { Hash } from '../../lib/base/hash.ts';
import { Observer, Resources } from '../../lib/explore/observer.ts';

function watched() {
  const machine = createMachine({ pageSize: 256 });
  const observer = new Observer(machine, new Resources(), false, true);
  machine.hardware.trace = observer;
  const [a, b] = machine.allocPages(2, { zone: 'highmem' });
  if (a === undefined || b === undefined) throw new Error('no pages');
  const task = machine.task();
  const of = (work: () => void): Footprint => {
    observer.footprint = new Footprint();
    work();
    return observer.footprint;
  };
  return { machine, observer, of, a: kmapLocalPage(task, a), b: kmapLocalPage(task, b), page: a };
}

describe('Observer', () => {
  it('notes the bytes that a step touches', () => {
    const { of, a, b } = watched();
    const load = of(() => {
      a.load8(0);
    });
    expect(
      load.conflicts(
        of(() => {
          a.store8(0, 1);
        }),
      ),
    ).to.equal(true);
    expect(
      load.conflicts(
        of(() => {
          a.store8(1, 1);
        }),
      ),
    ).to.equal(false);
    expect(
      load.conflicts(
        of(() => {
          b.store8(0, 1);
        }),
      ),
    ).to.equal(false);
    expect(
      load.conflicts(
        of(() => {
          a.load8(0);
        }),
      ),
    ).to.equal(false);
  });

  it('notes what an actor learns: the value, not the access', () => {
    const { observer, a } = watched();
    const learn = (): number => {
      observer.learnt = new Hash();
      a.load8(0);
      return observer.learnt.value;
    };
    const before = learn();
    expect(learn()).to.equal(before);
    a.store8(0, 7);
    expect(learn()).to.not.equal(before);
  });

  it('takes an access to a device as touching everything', () => {
    const { machine, of } = watched();
    const handlers = { read: () => 0n, write: () => undefined };
    for (const options of [{}, { handlers }]) {
      const [page] = machine.ioRegion(1, options);
      const mapped = ioAccess(machine.task('driver')).map(page!, 0, 256);
      if (!mapped.ok) throw new Error(mapped.error.code);
      expect(of(() => void mapped.value.load8(0)).conflicts(new Footprint())).to.equal(true);
    }
  });

  it('learns of a shared object only that there is one, of a value which', () => {
    const { observer } = watched();
    const learn = (value: unknown): number => {
      observer.learnt = new Hash();
      observer.sharedRead('.x', value);
      return observer.learnt.value;
    };
    expect(learn({ n: 1 })).to.equal(learn({ n: 2 }));
    expect(learn([])).to.equal(learn({}));
    expect(new Set([learn({}), learn(null), learn(undefined), learn(1), learn(2), learn('1')]).size).to.equal(
      6,
    );
  });

  it('notes an access through the kmap pool as one that asks the pool', () => {
    const { machine, of } = watched();
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    const mapped = kmap(task).map(page, 0, 256);
    if (!mapped.ok) throw new Error(mapped.error.code);
    const access = of(() => void mapped.value.load8(0));
    const another = machine.allocPage({ zone: 'highmem' });
    const maps = of(() => void kmap(task).map(another, 0, 256));
    expect(access.conflicts(maps)).to.equal(true);
  });

  it('takes raw bytes as read and written', () => {
    const { of, machine, page, a } = watched();
    const raw = of(() => {
      machine.physical(page);
    });
    expect(
      raw.conflicts(
        of(() => {
          a.load8(9);
        }),
      ),
    ).to.equal(false);
    const { observer } = watched();
    expect(observer.allocated.size).to.equal(2);
  });

  it('takes an event it does not know as touching everything', () => {
    const { of, observer } = watched();
    const unknown = of(() => {
      observer.record({ event: 'something new' } as never);
    });
    expect(unknown.conflicts(new Footprint())).to.equal(true);
  });
});
