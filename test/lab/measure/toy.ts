/** A design with one function of each kind, and call sites for one job, so that each thing is measured alone. */
import type { DirectMapping, Page, Sleeping } from 'scatterlist';
import { JOB_IDS, cannot, defineCallSites, defineFacade, inPage } from 'scatterlist/lab';
import type { CallSites, Candidate, CopyResponse, Facade, Site, SiteEnv } from 'scatterlist/lab';
import { WaitQueue, kmap, kmapLocalPage, kunmap, kunmapLocal } from 'scatterlist/machine';

export interface Toy {
  /** `kmap`: waits for a slot. */
  pool(page: Page): Sleeping<DirectMapping>;
  poolDone(mapped: DirectMapping): void;
  /** `kmap_local_page`; it can fail. */
  local(page: Page): DirectMapping | undefined;
  localDone(mapped: DirectMapping): void;
  /** One user at a time; of those that wait, the one that came last is next. */
  enter(): Sleeping<void>;
  leave(): void;
  boom(): void;
}

interface Gate {
  isTaken: boolean;
  readonly waiting: (() => void)[];
}

const toy: Facade<Toy> = defineFacade<Toy, Gate>({
  name: 'toy',
  title: 'toy',
  source: 'a test',
  simplifies: 'Everything.',
  shared: () => ({ isTaken: false, waiting: [] }),
  open: ({ context, shared, fails, refuse }) => ({
    pool: (page) => kmap(context, page),
    poolDone: (mapped) => kunmap(context, mapped),
    local: (page) => (fails('local') ? undefined : kmapLocalPage(context, page)),
    localDone: (mapped) => {
      kunmapLocal(context, mapped);
    },
    *enter() {
      if (shared.isTaken) {
        const queue = gateQueue(context.machine);
        let isNext = false;
        shared.waiting.push(() => {
          isNext = true;
          queue.wakeAll();
        });
        while (!isNext) {
          queue.add(context.task);
          yield { sleepOn: queue };
          queue.remove(context.task);
        }
      }
      shared.isTaken = true;
    },
    leave() {
      const next = shared.waiting.pop();
      if (next === undefined) shared.isTaken = false;
      else next();
    },
    boom: () => refuse('the toy has a rule'),
  }),
});

const queues = new WeakMap<object, WaitQueue>();

function gateQueue(machine: object): WaitQueue {
  const queue = queues.get(machine) ?? new WaitQueue('gate');
  queues.set(machine, queue);
  return queue;
}

const none = cannot('it is not needed in this test');

/** A candidate with a call site for one job. */
export function toyWith(copyResponse: Site<Toy, 'copyResponse'>): Candidate {
  const all = Object.fromEntries(JOB_IDS.map((id) => [id, none])) as unknown as CallSites<Toy>;
  return defineCallSites(toy, { ...all, copyResponse });
}

/** The parts of a response, each within one page. */
export function* partsOf({
  context,
  list,
  response,
}: Pick<SiteEnv<Toy>, 'context'> & CopyResponse): Generator<{
  readonly page: Page;
  readonly offset: number;
  readonly bytes: Uint8Array;
}> {
  let done = 0;
  for (const sg of list)
    for (let at = sg.offset; at < sg.offset + sg.length && done < response.length;) {
      const length = Math.min(response.length - done, sg.offset + sg.length - at, inPage(at));
      if (sg.page === null) throw new Error('no page');
      const page = context.machine.hardware.memory.nthPage(sg.page, Math.floor(at / 4096));
      yield { page, offset: at % 4096, bytes: response.subarray(done, done + length) };
      at += length;
      done += length;
    }
}
