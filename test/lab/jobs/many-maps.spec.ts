import { describeJob } from './job-suite.ts';

describe('the job many-maps', () => {
  describeJob('manyMaps');
});
