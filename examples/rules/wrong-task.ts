/**
 * wrong-task: A local map is handed to a work item, which reads through it.
 */
import type { DirectMapping } from 'scatterlist';
import { Completion, defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    page: machine.allocPage({ zone: 'highmem' }),
    work: { mappings: [] as DirectMapping[] },
    queued: new Completion(machine, 'queued'),
    done: new Completion(machine, 'done'),
  }),
  tasks: {
    *submitter({ task, page, work, queued, done }) {
      const m = kmapLocalPage(task, page);
      work.mappings.push(m);
      queued.complete(task);
      yield* done.wait(task);
      kunmapLocal(task, m);
    },
    *worker({ task, work, queued, done }) {
      yield* queued.wait(task);
      const first = work.mappings[0]?.load8(0); // the map belongs to the submitter
      done.complete(task);
      return first;
    },
  },
});
