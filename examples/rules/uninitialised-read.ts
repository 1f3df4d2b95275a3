/**
 * uninitialised-read: A page is copied onto itself instead of to the new page, which then replaces it.
 */
import { defineProgram } from 'scatterlist/explore';
import { copyHighpage } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4, trackUninitialised: true },
  setup: (machine) => ({ to: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, to }) {
      copyHighpage(task, to, to); // the page onto itself, instead of from the old one
    },
  },
});
