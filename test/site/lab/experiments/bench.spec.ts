import { expect } from 'chai';
import { Bench } from '../../../../site/lab/experiments/bench.ts';
import type { StartWorker, WorkerLike } from '../../../../site/lab/experiments/bench.ts';
import type { FromWorker, Setting, ToWorker } from '../../../../site/lab/experiments/messages.ts';

class FakeWorker implements WorkerLike {
  readonly got: ToWorker[] = [];
  private readonly hear: Parameters<StartWorker>[0];
  isEnded = false;

  constructor(hear: Parameters<StartWorker>[0]) {
    this.hear = hear;
  }

  postMessage(message: ToWorker): void {
    this.got.push(message);
  }

  terminate(): void {
    this.isEnded = true;
  }

  say(text: string): void {
    this.hear({ kind: 'refused', text });
  }
}

const setting = (name: string): Setting => ({ name, parameters: {}, constants: {}, seed: 1 });
const namesOf = ({ got }: FakeWorker): readonly string[] =>
  got.map((message) => (message.kind === 'weigh' ? message.setting.name : message.kind));
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('site/lab/experiments/bench', () => {
  function rig() {
    const workers: FakeWorker[] = [];
    const told: FromWorker[] = [];
    const start: StartWorker = (hear) => {
      const worker = new FakeWorker(hear);
      workers.push(worker);
      return Promise.resolve(worker);
    };
    return { workers, told, bench: new Bench(start, (message) => told.push(message)) };
  }

  it('runs one setting at a time, and then only the newest', async () => {
    const { workers, told, bench } = rig();
    for (const name of ['a', 'b', 'c']) await bench.weigh(setting(name));
    const [worker] = workers;
    if (worker === undefined) return expect.fail();
    expect(namesOf(worker)).to.deep.equal(['a']);
    worker.say('a');
    await settle();
    expect(namesOf(worker)).to.deep.equal(['a', 'c']);
    worker.say('c');
    await settle();
    expect(told).to.deep.equal([
      { kind: 'refused', text: 'a' },
      { kind: 'refused', text: 'c' },
    ]);
    expect(workers).to.have.length(1);
  });

  it('ends a worker that is cancelled, and starts another', async () => {
    const { workers, told, bench } = rig();
    await bench.weigh(setting('long'));
    await bench.weigh(setting('queued'));
    await bench.cancel();
    workers[0]?.say('too late');
    await bench.weigh(setting('next'));
    await settle();
    expect(workers.map(({ isEnded }) => isEnded)).to.deep.equal([true, false]);
    expect(workers.map(namesOf)).to.deep.equal([['long'], ['next']]);
    expect(told).to.deep.equal([]);
  });
});
