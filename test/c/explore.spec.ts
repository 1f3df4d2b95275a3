/** C code in every order: what is found, what is excluded, and what cannot happen. */
import { expect } from 'chai';
import { itInC, outcomeOf, reportOf, ruleOf } from './support.ts';

/** Two tasks that add one to a counter in a page, with something around the read and the write. */
function counter(before: string, map: string, unmap: string, after: string): string {
  return `
static struct page *page; static DEFINE_SPINLOCK(lock); static DEFINE_MUTEX(mutex);
SETUP(pages) { page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
static void add_one(void)
{
	${before}
	unsigned char *at = ${map}(page);
	at[0] += 1;
	${unmap}
	${after}
}
SECTION(task, one) { add_one(); }
SECTION(task, two) { add_one(); }
CHECK(sum) { unsigned char *at = kmap_local_page(page); int n = at[0]; kunmap_local(at); return n == 2; }
`;
}

describe('a counter in a page that two tasks increase in C', () => {
  itInC('loses a write between kmap_local_page and kunmap_local', () => {
    expect(ruleOf(counter('', 'kmap_local_page', 'kunmap_local(at);', ''))).to.equal('lost-write');
  });

  itInC('loses none in an atomic section, or under a lock', () => {
    expect(ruleOf(counter('', 'kmap_atomic', 'kunmap_atomic(at);', ''))).to.equal('exhausted');
    expect(
      ruleOf(counter('preempt_disable();', 'kmap_local_page', 'kunmap_local(at);', 'preempt_enable();')),
    ).to.equal('exhausted');
    expect(
      ruleOf(counter('spin_lock(&lock);', 'kmap_local_page', 'kunmap_local(at);', 'spin_unlock(&lock);')),
    ).to.equal('exhausted');
    expect(ruleOf(counter('mutex_lock(&mutex);', 'kmap', 'kunmap(page);', 'mutex_unlock(&mutex);'))).to.equal(
      'exhausted',
    );
  });

  itInC('is told with the lines of the C file', () => {
    const report = reportOf(counter('', 'kmap_local_page', 'kunmap_local(at);', ''));
    expect(report).to.match(/load of page page\+0 by "(one|two)" at section-\d+-\d+\.c:8/);
    expect(report).to.match(/map 0x[0-9a-f]+ \(page page\) slot 0 \(kmap_local\) at section-\d+-\d+\.c:7/);
  });
});

describe('interrupts, work and waiting in C', () => {
  itInC('an interrupt takes a lock that its CPU holds', () => {
    const text = (how: string, flags: string): string => `
static DEFINE_SPINLOCK(lock); static int queued;
SECTION(task, submit) { unsigned long flags; ${flags} spin_lock${how}; queued++; spin_unlock${how.replace('save', 'restore')}; }
IRQ(done) { spin_lock(&lock); queued--; spin_unlock(&lock); }
`;
    expect(ruleOf(text('(&lock)', 'flags = 0; (void)flags;'))).to.equal('deadlock');
    expect(ruleOf(text('_irq(&lock)', 'flags = 0; (void)flags;'))).to.equal('exhausted');
    expect(ruleOf(text('_irqsave(&lock, flags)', ''))).to.equal('exhausted');
  });

  itInC('a work item that was queued runs in a thread, once', () => {
    const text = (n: number): string => `
static int ran; static DECLARE_COMPLETION(finished);
WORK(later) { msleep(1); ran++; complete(&finished); }
SECTION(task, submit) { schedule_work(&later); wait_for_completion(&finished); }
CHECK(ran) { return ran == ${String(n)}; }
`;
    expect(ruleOf(text(1))).to.equal('exhausted');
    expect(ruleOf(text(2))).to.equal('final-check');
  });

  itInC('a wake-up between the look at the condition and the sleep is not missed', () => {
    const text = (wakes: string): string => `
static DECLARE_WAIT_QUEUE_HEAD(queue); static int done;
SECTION(task, waiter) { wait_event(queue, READ_ONCE(done)); }
SECTION(task, waker) { ${wakes} }
`;
    expect(ruleOf(text('WRITE_ONCE(done, 1); wake_up(&queue);'))).to.equal('exhausted');
    expect(ruleOf(text('wake_up(&queue); WRITE_ONCE(done, 1);'))).to.be.oneOf(['lost-wakeup', 'deadlock']);
  });

  itInC('a completion on a stack is seen by the one that completes it', () => {
    expect(
      ruleOf(`
static struct completion *posted;
WORK(worker) { complete(posted); }
SECTION(task, submit) { DECLARE_COMPLETION_ONSTACK(done); posted = &done; schedule_work(&worker); wait_for_completion(&done); }
`),
    ).to.equal('exhausted');
  });

  itInC('a value on a stack is shared once its address is', () => {
    const outcome = outcomeOf(`
static int *posted; static DECLARE_COMPLETION(done);
WORK(worker) { WRITE_ONCE(*posted, READ_ONCE(*posted) + 1); complete(&done); }
SECTION(task, submit)
{
	int value = 1;
	posted = &value;
	schedule_work(&worker);
	wait_for_completion(&done);
	BUG_ON(READ_ONCE(value) != 2);
}
`);
    expect(outcome.kind).to.equal('exhausted');
  });

  itInC('a loop that no other actor can end is told with its line in C', () => {
    const told = reportOf(
      'static int ready;\nSECTION(task, poller) {\n\twhile (!READ_ONCE(ready))\n\t\tcpu_relax();\n}',
    );
    expect(told)
      .to.match(/rule: livelock/)
      .and.to.match(/poller +repeats section-\d+-\d+\.c:4, section-\d+-\d+\.c:3\n/);
  });

  itInC('a flag that is polled for is no endless schedule', () => {
    expect(
      ruleOf(`
static int ready;
SECTION(task, poller, cpu = 1) { while (!READ_ONCE(ready)) cpu_relax(); }
SECTION(task, setter) { WRITE_ONCE(ready, 1); }
MACHINE(cpus = 2)
`),
    ).to.equal('exhausted');
  });

  itInC('a loop that counts in a variable of its own is no endless one', () => {
    expect(
      ruleOf(`
static int cell = 3;
SECTION(task, sum) { int n = 0, i; for (i = 0; i < 50; i++) n += READ_ONCE(cell); BUG_ON(n != 150); }
`),
    ).to.equal('exhausted');
  });
});
