/**
 * exception: The program reads a property of undefined.
 */
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  setup: () => ({ lengths: new Map([['first', 512]]) }),
  tasks: {
    *driver({ lengths }) {
      const length = lengths.get('second'); // there is only one request
      if (length === undefined) throw new TypeError('no second request');
    },
  },
});
