/**
 * slot-guard: On an architecture whose empty entry is not zero, the zeroed array of entries is compared with that
 * value.
 */
import { defineProgram } from 'scatterlist/explore';
import { LocalSlots, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

/** Slots that compare the saved entry of a guard with the empty entry of the architecture, which is not 0. */
class AskTheArchitecture extends LocalSlots {
  protected override isEmpty(saved: number): boolean {
    return saved === 0xf4;
  }
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4, debugKmapLocal: true },
  parts: { localSlots: (hardware) => new AskTheArchitecture(hardware) },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *first({ task, page }) {
      const m = kmapLocalPage(task, page);
      yield; // switched out with the map
      m.store8(0, 1);
      kunmapLocal(task, m);
    },
    *second() {
      yield;
    },
  },
});
