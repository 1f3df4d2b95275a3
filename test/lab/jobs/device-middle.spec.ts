import { describeJob } from './job-suite.ts';

describe('the job device-middle', () => {
  describeJob('deviceMiddle');
});
