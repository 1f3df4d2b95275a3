import { describeJob } from './job-suite.ts';

describe('the job copy-response', () => {
  describeJob('copyResponse');
});
