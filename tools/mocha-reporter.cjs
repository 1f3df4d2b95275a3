// Mocha's spec reporter; with MOCHA_COUNTS set to a file name it also leaves the counts there,
// because .ci/run prints them after steps that come later than mocha.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

class SpecWithCounts extends reporters.Spec {
  constructor(runner, options) {
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
