/**
 * wrong-cpu: A local address is stored in a request that another CPU completes.
 */
import type { DirectMapping } from 'scatterlist';
import { Completion, defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 2, highmemPages: 4 },
  setup: (machine) => ({
    page: machine.allocPage({ zone: 'highmem' }),
    request: { mappings: [] as DirectMapping[] },
    sent: new Completion(machine, 'sent'),
    done: new Completion(machine, 'done'),
  }),
  tasks: {
    submitter: {
      cpu: 0,
      *run({ task, page, request, sent, done }) {
        const m = kmapLocalPage(task, page);
        request.mappings.push(m);
        sent.complete(task);
        yield* done.wait(task);
        kunmapLocal(task, m);
      },
    },
    completer: {
      cpu: 1,
      *run({ task, request, sent, done }) {
        yield* sent.wait(task);
        const status = request.mappings[0]?.load8(0); // on another CPU
        done.complete(task);
        return status;
      },
    },
  },
});
