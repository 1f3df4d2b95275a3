/** Work items of drivers' own structures in C. */
import { expect } from 'chai';
import { INCLUDES, fileOf, itInC, ruleOf, ruleOfFile } from '../support.ts';

const DEVICE = `
struct device_state { int started, finished; struct work_struct work; struct delayed_work late; struct completion done; };
static struct device_state *state;
static void finish(struct work_struct *work)
{
	struct device_state *s = container_of(work, struct device_state, work);

	might_sleep();
	s->finished++;
	complete(&s->done);
}
static void retry(struct work_struct *work)
{
	struct device_state *s = container_of(to_delayed_work(work), struct device_state, late);

	schedule_work(&s->work);
}
SETUP(device)
{
	state = kzalloc(sizeof(*state), GFP_KERNEL);
	INIT_WORK(&state->work, finish);
	INIT_DELAYED_WORK(&state->late, retry);
	init_completion(&state->done);
}
`;

describe('work items that INIT_WORK made', () => {
  itInC('run in the WORKER, each as often as it was queued when it was not waiting', () => {
    const text = (queue: string, finished: number): string => `${DEVICE}
WORKER()
IRQ(start) { ${queue} }
SECTION(task, waits) { wait_for_completion(&state->done); }
CHECK(all) { return state->finished == ${String(finished)}; }`;
    expect(ruleOf(text('schedule_work(&state->work); schedule_work(&state->work);', 1))).to.equal(
      'exhausted',
    );
    expect(ruleOf(text('schedule_delayed_work(&state->late, 10);', 1))).to.equal('exhausted');
    expect(ruleOf(text('schedule_work(&state->work);', 2))).to.equal('final-check');
  });

  itInC('race with what does not wait for them', () => {
    const text = (wait: string): string =>
      `${DEVICE}\nWORKER()\nSECTION(task, queues) { schedule_work(&state->work); ${wait} state->finished = 5; }`;
    expect(ruleOf(text('wait_for_completion(&state->done);'))).to.equal('exhausted');
    expect(ruleOf(text(''))).to.equal('data-race');
  });

  itInC('need a WORKER', () => {
    const file = fileOf(`${INCLUDES}${DEVICE}\nSECTION(task, queues) { schedule_work(&state->work); }`);
    expect(() => ruleOfFile(file)).to.throw(/write WORKER\(\) in the file/);
  });
});
