import { describeJob } from './job-suite.ts';

describe('the job patch-head', () => {
  describeJob('patchHead');
});
