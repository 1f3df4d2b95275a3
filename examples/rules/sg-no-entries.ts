/**
 * sg-no-entries: A request without data allocates a table too.
 */
import { sgAllocTableChained } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  tasks: {
    *driver({ machine }) {
      const segments = 0; // a request without data
      return sgAllocTableChained(segments, { machine }).ok;
    },
  },
});
