import { expect } from 'chai';
import { createLabClient } from '../../../../site/lab/session/client.ts';
import type { LabClient } from '../../../../site/lab/session/client.ts';
import type { WorkerLike } from '../../../../site/lab/session/channel.ts';
import { serve } from '../../../../site/lab/session/serve.ts';
import type { MessagePlace } from '../../../../site/lab/session/serve.ts';
import { INTERRUPTED, example, refusalOf, valueOf } from './programs.ts';

const ATOMIC = example('examples/explore/atomic-to-local.ts');

/** A worker in this thread: what it is sent is cloned, as between threads. `hears` may keep a message from it. */
function workerHere(log: string[], hears: (message: object) => boolean = () => true): WorkerLike {
  const place: MessagePlace = {
    postMessage: (message) => setTimeout(() => like.onmessage?.({ data: structuredClone(message) }), 0),
    onmessage: null,
  };
  serve(place);
  const like: WorkerLike = {
    postMessage: (message) => {
      const data: unknown = structuredClone(message);
      if (typeof data === 'object' && data !== null && hears(data)) place.onmessage?.({ data });
    },
    terminate: () => {
      log.push('ended');
      like.onmessage = null;
    },
    onmessage: null,
    onerror: null,
  };
  log.push('started');
  return like;
}

function nameOf(message: object): unknown {
  return 'name' in message ? message.name : undefined;
}

describe('the client of a page', () => {
  let clients: LabClient[] = [];
  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
  });

  function clientOf(log: string[], hears?: (message: object) => boolean): LabClient {
    // A worker that is kept from hearing is given up soon.
    const silentMs = hears === undefined ? 20_000 : 300;
    const client = createLabClient({ startWorker: () => Promise.resolve(workerHere(log, hears)), silentMs });
    clients.push(client);
    return client;
  }

  it('starts a worker with the first request, and another for a search', async () => {
    const log: string[] = [];
    const client = clientOf(log);
    expect(log).to.deep.equal([]);
    valueOf(await client.load({ program: ATOMIC, configuration: {} }));
    const run = valueOf(await client.run());
    expect(valueOf(await client.snapshot(run.moments.length - 1)).tasks).to.have.length(2);
    expect(log).to.deep.equal(['started']);
    const found = valueOf(await client.explore({ strategy: { kind: 'exhaustive' }, bounds: {} }));
    expect(found.found?.violation?.rule).to.equal('lost-write');
    expect(log).to.deep.equal(['started', 'started']);
    expect(valueOf(await client.run('0.0.1.1')).ending).to.equal('ended');
    expect(valueOf(await client.decide(1, '1')).ending).to.equal('violation');
  });

  it('ends a worker that does not come back, and brings the next to where it was', async () => {
    const log: string[] = [];
    let isDeaf = false;
    const client = clientOf(log, () => !isDeaf);
    valueOf(await client.load({ program: INTERRUPTED, configuration: {} }));
    valueOf(await client.run('0.1.0.0.0.1.2'));
    const picture = valueOf(await client.snapshot(4));
    isDeaf = true;
    expect(refusalOf(await client.snapshot(5))).to.equal(
      'the program did not come back within 0.3 seconds, so it was ended; a loop without a yield never lets anything else run',
    );
    isDeaf = false;
    expect(valueOf(await client.snapshot(4))).to.deep.equal(picture);
    expect(log).to.deep.equal(['started', 'ended', 'started']);
  });

  it('does not load a program again that did not come back when it was loaded', async () => {
    const client = clientOf([], (message) => nameOf(message) !== 'load');
    expect(refusalOf(await client.load({ program: ATOMIC, configuration: {} }))).to.match(
      /^the program did not/,
    );
    expect(refusalOf(await client.run())).to.equal('no program is loaded');
  });

  it('cancels a search, while the other worker goes on', async () => {
    const log: string[] = [];
    const client = clientOf(log, (message) => nameOf(message) !== 'explore');
    valueOf(await client.load({ program: ATOMIC, configuration: {} }));
    const stop = new AbortController();
    const search = client.explore({ strategy: { kind: 'exhaustive' }, bounds: {} }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    const result = valueOf(await search);
    expect([result.kind, result.counts.schedules]).to.deep.equal(['cancelled', 0]);
    expect(log).to.deep.equal(['started', 'started', 'ended']);
    expect(valueOf(await client.run()).ending).to.equal('violation');
  });

  it('searches the program that was loaded last', async () => {
    const client = clientOf([]);
    const exhaustive = { strategy: { kind: 'exhaustive' }, bounds: {} } as const;
    expect(refusalOf(await client.explore(exhaustive))).to.equal('no program is loaded');
    valueOf(await client.load({ program: ATOMIC, configuration: {} }));
    expect(valueOf(await client.explore(exhaustive)).kind).to.equal('violation');
    const fixed = { ...ATOMIC, text: ATOMIC.text.replace(/\n {2}yield;.*\n/, '\n') };
    valueOf(await client.load({ program: fixed, configuration: {} }));
    expect(valueOf(await client.explore(exhaustive)).kind).to.equal('exhausted');
  });

  it('says so where no worker can be started', async () => {
    const client = createLabClient({
      startWorker: () => Promise.reject(new Error('worker.js could not be loaded')),
    });
    expect(refusalOf(await client.load({ program: ATOMIC, configuration: {} }))).to.equal(
      'the worker of the page has failed: worker.js could not be loaded',
    );
  });
});
