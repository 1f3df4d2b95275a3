import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import {
  JOB_IDS,
  MISTAKES,
  cannot,
  copyOnly,
  defineCallSites,
  defineFacade,
  edit,
  isCandidate,
  runJob,
} from 'scatterlist/lab';
import type { CallSites, Mistakes } from 'scatterlist/lab';
import candidate from '../../examples/lab/copy-only.ts';

const none = cannot('not written');
const facade = defineFacade({
  name: 'empty',
  title: 'empty',
  source: 'a test',
  simplifies: 'Everything.',
  open: () => ({}),
});
const sites: CallSites<object> = {
  copyResponse: none,
  patchHead: none,
  pioBlocks: none,
  cursor: none,
  manyMaps: none,
  contiguousView: none,
  sharedView: none,
  deviceMiddle: none,
  twoLists: none,
  mustNotSleep: none,
};

describe('defineCallSites', () => {
  it('keeps what is said of the design, and why it cannot do a job', () => {
    const made = defineCallSites(facade, sites);
    expect(made.facade).to.deep.equal({
      name: 'empty',
      title: 'empty',
      source: 'a test',
      simplifies: 'Everything.',
      machine: {},
    });
    expect(JOB_IDS.map((job) => made.cannot(job))).to.deep.equal(JOB_IDS.map(() => 'not written'));
    expect(candidate.cannot('manyMaps')).to.equal(undefined);
    expect(made.mistakes).to.deep.equal([]);
  });

  it('refuses to start a job that the design cannot do', () => {
    expect(() => defineCallSites(facade, sites).start('cursor', createMachine())).to.throw(
      ConfigError,
      'empty cannot do cursor: not written',
    );
  });

  it('refuses call sites that miss a job, and a job that does not exist', () => {
    const { cursor: _, ...missing } = sites;
    expect(() => defineCallSites(facade, missing as CallSites<object>)).to.throw(ConfigError, 'cursor');
    expect(() => defineCallSites(facade, { ...sites, other: none } as CallSites<object>)).to.throw(
      ConfigError,
      "'other'",
    );
  });

  it('lists each mistake in each job in which it is made', () => {
    const pairs = Object.values(MISTAKES).flatMap(({ jobs }) => jobs);
    expect(candidate.mistakes).to.have.length(pairs.length);
    const all = Object.fromEntries(Object.keys(MISTAKES).map((id) => [id, none])) as unknown as Mistakes;
    const one = edit('a', 'b');
    const given: Mistakes = { ...all, otherOffset: { copyResponse: one, cursor: none } };
    expect(defineCallSites(facade, sites, given).mistakes.slice(0, 3)).to.deep.equal([
      { mistake: 'otherOffset', job: 'copyResponse', how: one },
      { mistake: 'otherOffset', job: 'cursor', how: none },
      { mistake: 'unmapTwice', job: 'copyResponse', how: none },
    ]);
    const half = { ...all, otherOffset: { cursor: none } } as unknown as Mistakes;
    expect(() => defineCallSites(facade, sites, half)).to.throw(ConfigError, 'otherOffset in copyResponse');
  });

  it('is recognised', () => {
    expect([candidate, {}, undefined, copyOnly].map(isCandidate)).to.deep.equal([true, false, false, false]);
  });

  it('gives call sites buffers that may be missing, and must be given back once', () => {
    const keeps = defineCallSites(facade, { ...sites, manyMaps: ({ kmalloc }) => (kmalloc(8) ? -5 : -12) });
    expect(runJob(keeps, 'manyMaps').outcome).to.deep.equal({ kind: 'leak', what: '1 buffers of kmalloc' });
    expect(runJob(keeps, 'manyMaps', { failAt: 0 }).outcome).to.deep.equal({ kind: 'refused', errno: -12 });
    const twice = defineCallSites(facade, {
      ...sites,
      manyMaps({ kmalloc, kfree }) {
        const buffer = kmalloc(8) ?? new Uint8Array(8);
        kfree(buffer);
        kfree(buffer);
        return 0;
      },
    });
    const { outcome } = runJob(twice, 'manyMaps');
    expect(outcome.kind === 'crashed' && outcome.what).to.include('kfree');
  });
});
