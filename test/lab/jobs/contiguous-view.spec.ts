import { describeJob } from './job-suite.ts';

describe('the job contiguous-view', () => {
  describeJob('contiguousView');
});
