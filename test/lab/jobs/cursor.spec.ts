import { describeJob } from './job-suite.ts';

describe('the job cursor', () => {
  describeJob('cursor');
});
