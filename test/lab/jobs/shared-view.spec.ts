import { describeJob } from './job-suite.ts';

describe('the job shared-view', () => {
  describeJob('sharedView');
});
