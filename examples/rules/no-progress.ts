/**
 * no-progress: A copy that makes no progress is tried again for ever.
 */
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  maxSteps: 100,
  setup: () => ({ copy: { tries: 0 } }),
  tasks: {
    *driver({ copy }) {
      for (;;) {
        copy.tries += 1; // nothing was copied: try again
        yield;
      }
    },
  },
});
