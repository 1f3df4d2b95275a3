/** A program that takes a second or two: three tasks add to a counter in a page. No rule is broken, as nothing is checked. */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

const adding = (times) =>
  function* add({ task, page }) {
    for (let i = 0; i < times; i += 1) {
      const m = kmapLocalPage(task, page);
      yield;
      const seen = m.load8(0);
      yield;
      m.store8(0, seen + 1);
      yield;
      kunmapLocal(task, m);
      yield;
    }
  };

export const program = {
  machine: { cpus: 1, highmemPages: 4, lowmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: { a: adding(2), b: adding(2), c: adding(1) },
};

export default defineProgram(program);
