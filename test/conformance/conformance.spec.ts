import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import type { Context } from 'scatterlist';
import {
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  vmap,
} from 'scatterlist/backends';
import { conformance } from 'scatterlist/conformance';
import type { Subject } from 'scatterlist/conformance';

/** The suites that a subject gets, each with its number of tests; none is run. */
function declared(subject: Subject): ReadonlyMap<string, number> {
  const path: string[] = [];
  const tests = new Map<string, number>();
  conformance(
    {
      describe: (title, define) => {
        path.push(title);
        define();
        path.pop();
      },
      it: () => {
        const clause = path.slice(0, 2).join(' > ');
        tests.set(clause, (tests.get(clause) ?? 0) + 1);
      },
    },
    subject,
  );
  return tests;
}

describe('conformance', () => {
  it('declares tests for every clause, with any runner', () => {
    const tests = declared({ backend: (context) => kmapLocal(context) });
    expect([...tests.keys()].map((key) => key.split(' > ')[1])).to.deep.equal([
      'contents',
      'kinds and errors',
      'nesting',
      'exhaustion',
      'contexts',
      'sleeping',
      'scope',
      'side effects',
      'spans',
      'after unmap',
      'hostile shapes',
      'every failure',
    ]);
    for (const [clause, count] of tests) expect(count, clause).to.be.above(2);
  });

  it('is titled by the contract, or by the subject', () => {
    const titles = (subject: Subject): unknown => [...declared(subject).keys()][0]?.split(' > ')[0];
    expect(titles({ backend: (context) => kmapLocal(context) })).to.equal('kmap_local keeps its contract');
    expect(titles({ name: 'mine', backend: (context) => kmapLocal(context) })).to.equal(
      'mine keeps its contract',
    );
  });

  it('uses the machine of the subject', () => {
    const sizes = new Set<number>();
    declared({
      machine: { pageSize: 256 },
      backend: (context, machine) => {
        sizes.add(machine.pageSize);
        return kmapLocal(context);
      },
    });
    expect([...sizes]).to.deep.equal([256]);
  });

  it('refuses a subject that it cannot use, before any test is declared', () => {
    const backend = (context: Context) => kmapLocal(context);
    const untyped = (subject: unknown): Subject => subject as Subject;
    for (const [subject, words] of [
      [{ backend, machine: { onViolation: 'cry' } }, 'onViolation'],
      [{ backend, machine: { cpus: 0 } }, 'cpus is 0'],
      [{ backend, name: 5 }, 'name'],
      [{ backend: 5 }, 'backend'],
      [{ backend, more: 1 }, 'more'],
    ] as const)
      expect(() => declared(untyped(subject))).to.throw(ConfigError, words);
  });

  it('gives every test a title of its own, for every backend', () => {
    for (const backend of [kmap, kmapAtomic, kmapLocal, pageAddress, vmap, iomemBounce, ioAccess, pgmap]) {
      const path: string[] = [];
      const titles: string[] = [];
      conformance(
        {
          describe: (title, define) => {
            path.push(title);
            define();
            path.pop();
          },
          it: (title) => titles.push([...path, title].join(' > ')),
        },
        { backend: (context) => backend(context) },
      );
      expect(titles.filter((title, i) => titles.indexOf(title) !== i)).to.deep.equal([]);
      for (const title of titles) expect(title).to.not.match(/undefined|\[object|NaN/);
    }
  });

  it('says in the title which pool is full, and of what size', () => {
    const titles: string[] = [];
    conformance(
      { describe: (_title, define) => define(), it: (title) => titles.push(title) },
      { backend: (context) => kmapLocal(context) },
    );
    for (const title of [
      'highmem: 4 can be held, one more is a violation (kmMaxIdx 5)',
      'highmem: 2 can be held, one more is a violation (kmMaxIdx 5, forced maps)',
      'lowmem: 2 can be held, one more is a violation (kmMaxIdx 5, forced maps)',
      'lowmem is not limited (kmMaxIdx 5)',
      'highmem (task): use from a task on another CPU is wrong-cpu',
      'highmem (task): release from another CPU is wrong-cpu',
      'a mapping disables migration',
      'highmem: the oldest first is unmap-order',
    ])
      expect(titles).to.include(title);
  });
});
