// Mocha's spec reporter. It names the file that an error outside the tests ended, because in a run of several processes
// the stack of that error does not. If MOCHA_COUNTS names a file, it also writes the counts to that file, because .ci/run
// prints them after steps that run later than mocha.
const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');
const { reporters, Runner } = require('mocha');

class SpecWithCounts extends reporters.Spec {
  constructor(runner, options) {
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) => {
      if (error?.file !== undefined) test.title += `: ${relative('', error.file)}`;
    });
    super(runner, options);
    const file = process.env.MOCHA_COUNTS;
    if (!file) return;
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}

module.exports = SpecWithCounts;
