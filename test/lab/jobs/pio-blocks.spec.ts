import { describeJob } from './job-suite.ts';

describe('the job pio-blocks', () => {
  describeJob('pioBlocks');
});
