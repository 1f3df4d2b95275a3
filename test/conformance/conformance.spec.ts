import { expect } from 'chai';
import { kmapLocal } from 'scatterlist/backends';
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
});
