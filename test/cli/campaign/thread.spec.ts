import { expect } from 'chai';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { NOT_SEEN, WHOLE, sharedSearchMemory } from 'scatterlist/explore';
import { Control } from '../../../lib/cli/campaign/control.ts';
import explore from '../../../lib/cli/campaign/thread.ts';
import type { Errand, Reply } from '../../../lib/cli/campaign/thread.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', '..', 'examples', 'explore', 'atomic-to-local.ts');

function errand(control: Control, more: Partial<Errand> = {}): Errand {
  return {
    file: EXAMPLE,
    job: { pieces: [WHOLE], seen: NOT_SEEN, isAlone: false, table: '0' },
    memory: sharedSearchMemory(1000),
    control: control.memory,
    end: Infinity,
    ...more,
  };
}

function resultOf(reply: Reply) {
  if ('mistake' in reply) throw new Error(reply.mistake);
  return reply.result;
}

describe('the thread of a worker', () => {
  it('loads the program and explores it', async () => {
    const { found, seen } = resultOf(await explore(errand(new Control())));
    // The reason is told when the schedule is run for the report.
    expect(found?.rule ?? seen).to.equal('final-check');
  });

  it('stops when it is told to, when its time is over, and after the last schedule that is allowed', async () => {
    const stopped = new Control();
    stopped.stop();
    const none = resultOf(await explore(errand(stopped)));
    expect([none.counts.schedules, none.rest]).to.deep.equal([0, [WHOLE]]);
    const late = resultOf(await explore(errand(new Control(), { end: 0 })));
    expect(late.counts.schedules + late.counts.pruned).to.equal(1);
    const last = new Control(undefined, 1);
    expect(resultOf(await explore(errand(last))).counts.schedules).to.equal(1);
    expect(last.isStopped).to.equal(true);
  });

  it('says what is left when it is asked', async () => {
    const { port1, port2 } = new MessageChannel();
    const control = new Control();
    // Asked during the first schedule, as far as the thread can know.
    let looks = 0;
    Object.defineProperty(Control.prototype, 'asked', { configurable: true, get: () => (looks += 1) });
    try {
      await explore(errand(control, { port: port2 }));
    } finally {
      Object.defineProperty(Control.prototype, 'asked', ASKED);
    }
    expect(receiveMessageOnPort(port1)?.message).to.be.an('array').that.is.not.empty;
    port1.close();
  });

  it('tells a mistake instead of throwing it', async () => {
    const reply = await explore(errand(new Control(), { file: 'no-such-program.ts' }));
    expect('mistake' in reply && reply.mistake).to.match(/no-such-program\.ts: there is no such file/);
  });
});

const ASKED = Object.getOwnPropertyDescriptor(Control.prototype, 'asked')!;
