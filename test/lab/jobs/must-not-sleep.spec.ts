import { describeJob } from './job-suite.ts';

describe('the job must-not-sleep', () => {
  describeJob('mustNotSleep');
});
