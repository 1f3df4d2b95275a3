/** Prints how many bytes of each schedule outlive a collection of the young objects, as a program with `--expose-gc`. */
import { Mutex } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue, kmapLocalPage } from 'scatterlist/machine';
import { Observed } from '../../lib/explore/execution/observed.ts';
import { Run, configOf } from '../../lib/explore/execution/run.ts';
import { Resources } from '../../lib/explore/observer.ts';

const program: Program = {
  tasks: {},
  setup: (machine) => {
    const [task, lock] = [machine.task(), new Mutex(machine, 'lock')];
    lock.tryLock(task);
    const page = machine.allocPage({ zone: 'highmem' });
    kmapLocalPage(task, page);
    return { lock, page, queue: new WaitQueue('queue') };
  },
};
const options = {
  program,
  resources: new Resources(),
  keep: false,
  config: configOf(program, false, new Set()),
  keepSites: false,
  allowed: new Set<string>(),
};

const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with --expose-gc');
const collect = gc;

function keptOf(runs: number): number {
  collect();
  for (let i = 0; i < runs; i += 1) {
    new Run(options, undefined, new Observed(true), false);
    if (i % 10 === 9) collect({ type: 'minor' });
  }
  const before = process.memoryUsage().heapUsed;
  collect();
  return (before - process.memoryUsage().heapUsed) / runs;
}

keptOf(300);
console.log(keptOf(100));
