/** The same, and the last count that is possible is a bug. */
import { defineProgram } from 'scatterlist/explore';
import { program } from './campaign-program.mjs';

export default defineProgram({ ...program, check: ({ memory, page }) => memory.load8(page, 0) !== 1 });
