// Mocha's spec reporter. If MOCHA_COUNTS names a file, it also writes the counts to that file, because .ci/run prints
// them after steps that run later than mocha.
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
