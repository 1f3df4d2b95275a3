/** What the explorer chooses for C code: results of unknown functions, and whether timeouts expire. */
import { expect } from 'chai';
import { itInC, outcomeOf, reportOf, ruleOf } from './support.ts';

describe('EXPLORED', () => {
  itInC('returns each of its values, and a report names the one that it returned', () => {
    const text = (value: string): string => `
EXPLORED(int, start, (void *device, int how), 0, -EIO, -ETIMEDOUT, -EAGAIN, -EBUSY, 77)
SECTION(task, probe) { int got = start(NULL, 1); BUG_ON(got == ${value}); }`;
    for (const value of ['0', '-EIO', '-EBUSY', '77']) {
      const report = reportOf(text(value));
      expect(report).to.match(/rule: bug-on/);
      expect(report).to.match(new RegExp(`start returns ${value}\\n`));
    }
    const outcome = outcomeOf(text('-ENOMEM'));
    expect(outcome.kind).to.equal('exhausted');
    expect(outcome.counts.schedules).to.equal(6);
  });

  itInC('takes pointers, and may return nothing', () => {
    expect(
      ruleOf(`static int there;
EXPLORED(int *, find, (int key), NULL, &there)
EXPLORED_VOID(stop, (void))
SECTION(task, probe) { int *found = find(3); stop(); *found = 1; }`),
    ).to.equal('null-pointer');
  });

  itInC('sleeps where it is said to, and else does not', () => {
    const text = (kind: string): string => `
EXPLORED${kind}(int, start, (void), 0)
SECTION(task, probe) { preempt_disable(); start(); preempt_enable(); }`;
    expect(ruleOf(text('_SLEEPS'))).to.equal('sleep-in-atomic');
    expect(ruleOf(text(''))).to.equal('exhausted');
    expect(
      ruleOf(`EXPLORED_VOID_SLEEPS(stop, (void)) SECTION(task, probe) { local_irq_disable(); stop(); }`),
    ).to.equal('sleep-in-atomic');
  });

  itInC('returns its first value to setup and checks', () => {
    expect(
      ruleOf(`static int got;
EXPLORED(int, read_config, (void), 5, 6)
SETUP(all) { got = read_config(); }
SECTION(task, probe) { BUG_ON(got != 5); }
CHECK(same) { return read_config() == 5; }`),
    ).to.equal('exhausted');
  });
});

describe('a timeout', () => {
  itInC('of a completion may expire although the completion comes, and the wait may also succeed', () => {
    const text = (bad: string): string => `
static DECLARE_COMPLETION(done);
SECTION(task, waiter) { int left = wait_for_completion_timeout(&done, 100); BUG_ON(${bad}); }
SECTION(task, worker) { complete(&done); }`;
    expect(ruleOf(text('left == 0'))).to.equal('bug-on');
    expect(ruleOf(text('left > 0'))).to.equal('bug-on');
    expect(ruleOf(text('left < 0'))).to.equal('exhausted');
  });

  itInC('ends a wait that nothing else ends, which then is no deadlock', () => {
    expect(
      ruleOf(`static DECLARE_COMPLETION(done);
SECTION(task, waiter) { BUG_ON(wait_for_completion_timeout(&done, 100)); }`),
    ).to.equal('exhausted');
    expect(
      ruleOf(`static DECLARE_WAIT_QUEUE_HEAD(queue);
SECTION(task, waiter) { BUG_ON(wait_event_timeout(queue, 0, 100)); }`),
    ).to.equal('exhausted');
  });

  itInC('of a queue tells whether the condition held at last', () => {
    const text = (bad: string): string => `
static DECLARE_WAIT_QUEUE_HEAD(queue); static int ready;
SECTION(task, waiter) { long left = wait_event_timeout(queue, READ_ONCE(ready), 100); BUG_ON(${bad}); }
IRQ(event) { WRITE_ONCE(ready, 1); wake_up(&queue); }`;
    expect(ruleOf(text('left == 0'))).to.equal('bug-on');
    expect(ruleOf(text('left > 0'))).to.equal('bug-on');
    expect(ruleOf(text('left == 0 && 0'))).to.equal('exhausted');
  });

  itInC('that is retried without end is a livelock only if nobody will complete', () => {
    const text = (other: string): string => `
static DECLARE_COMPLETION(done); static int tries;
SECTION(task, waiter) { while (!wait_for_completion_timeout(&done, 100)) note("again"); }
SECTION(task, worker) { ${other} }`;
    expect(ruleOf(text('complete(&done);'))).to.equal('exhausted');
    const report = reportOf(text('tries++;'));
    expect(report).to.match(/rule: livelock/);
    expect(report).not.to.match(/isArmed|repeats *\n/);
  });
});
