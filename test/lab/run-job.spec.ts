import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { JOB_IDS, cannot, defineCallSites, defineFacade, failEach, runJob } from 'scatterlist/lab';
import type { CallSites, Site } from 'scatterlist/lab';
import { kmapLocalPage, kmap } from 'scatterlist/machine';
import type { DirectMapping } from 'scatterlist';
import sgMap2017 from '../../examples/lab/sg-map-2017.ts';
import typedSgMap from '../../examples/lab/typed-sg-map.ts';

interface Api {
  map(): DirectMapping;
  boom(): void;
}

const facade = defineFacade<Api, { kept: string | undefined }>({
  name: 'broken',
  title: 'broken',
  source: 'a test',
  simplifies: 'Everything.',
  shared: () => ({ kept: undefined }),
  open: ({ context, machine, shared, fails, refuse }) => ({
    map: () => {
      shared.kept = fails('map') ? 'one budget' : undefined;
      return kmapLocalPage(context, machine.allocPage({ zone: 'highmem' }));
    },
    boom: () => refuse('assertion'),
  }),
  close: (_machine, { kept }) => kept,
});
const none = cannot('not written');
const all = Object.fromEntries(JOB_IDS.map((id) => [id, none])) as unknown as CallSites<Api>;

function outcomeOf(copyResponse: Site<Api, 'copyResponse'>, failAt?: number): unknown {
  const candidate = defineCallSites(facade, { ...all, copyResponse });
  const { outcome } = runJob(candidate, 'copyResponse', failAt === undefined ? {} : { failAt });
  return outcome.kind === 'hung' || outcome.kind === 'violation' ? outcome.kind : outcome;
}

describe('runJob', () => {
  it('tells the outcomes apart', () => {
    expect(outcomeOf(() => -5)).to.deep.equal({ kind: 'refused', errno: -5 });
    expect(outcomeOf(() => 0)).to.have.property('kind', 'wrong');
    expect(
      outcomeOf(({ api }) => {
        api.boom();
        return 0;
      }),
    ).to.deep.equal({ kind: 'asserted', what: 'assertion' });
    expect(outcomeOf(({ api, mem }) => mem.load8(api.map().vaddr + 4096))).to.equal('violation');
    expect(
      outcomeOf(({ api }) => {
        api.map();
        return 0;
      }),
    ).to.have.property('kind', 'leak');
    expect(
      outcomeOf(() => {
        throw new TypeError('no');
      }),
    ).to.deep.equal({ kind: 'crashed', what: 'TypeError: no' });
  });

  it('sees a part that was written, a wait without end and what a design says of its own', () => {
    expect(
      outcomeOf(({ mem, list, context }) => {
        const [sg] = list;
        if (sg?.page) {
          const mapped = kmapLocalPage(context, sg.page);
          mem.store8(mapped.vaddr + sg.offset, 0);
          mapped[Symbol.dispose]();
        }
        return -5;
      }),
    ).to.deep.equal({ kind: 'half', errno: -5 });
    expect(
      outcomeOf(function* all({ context, list }) {
        const [sg] = list;
        if (sg?.page)
          for (const page of context.machine.allocPages(9, { zone: 'highmem' })) yield* kmap(context, page);
        return 0;
      }),
    ).to.equal('hung');
    expect(
      outcomeOf(({ api }) => {
        api.map()[Symbol.dispose]();
        return 0;
      }, 0),
    ).to.deep.equal({ kind: 'leak', what: 'one budget' });
  });

  it('tells what it cost and what could have failed', () => {
    const { ledger, asked, outcome } = runJob(sgMap2017, 'manyMaps');
    expect(outcome.kind).to.equal('done');
    expect([ledger.maps, ledger.pteWrites]).to.deep.equal([4, 4]);
    expect(asked).to.deep.equal(['sg_map', 'sg_map', 'sg_map', 'sg_map', 'sendmsg']);
    expect(runJob(typedSgMap, 'copyResponse').asked).to.deep.equal([]);
  });

  it('lets each call fail in turn', () => {
    const runs = failEach(sgMap2017, 'manyMaps');
    expect(runs.map(({ call, failAt, outcome }) => [call, failAt, outcome.kind])).to.deep.equal(
      [0, 1, 2, 3, 4].map((failAt) => [failAt < 4 ? 'sg_map' : 'sendmsg', failAt, 'refused']),
    );
  });

  it('does not run a job that a design cannot do', () => {
    expect(() => runJob(defineCallSites(facade, all), 'cursor')).to.throw(ConfigError, 'not written');
  });
});
