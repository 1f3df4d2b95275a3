/**
 * io-width: A register of 32 bits is read byte by byte.
 */
import { ioAccess } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ bar: machine.ioRegion(1, { name: 'uart', widths: [4] }) }),
  tasks: {
    *driver({ task, bar }) {
      const [registers] = bar;
      if (registers === undefined) return;
      const mapped = ioAccess(task).map(registers, 0, 4);
      if (!mapped.ok) return;
      mapped.value.load8(0); // a register of 32 bits, read byte by byte
      ioAccess(task).unmap(mapped.value);
    },
  },
});
