import { describeJob } from './job-suite.ts';

describe('the job two-lists', () => {
  describeJob('twoLists');
});
