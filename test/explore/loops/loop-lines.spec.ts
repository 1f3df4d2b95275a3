import { expect } from 'chai';

import { lineOf } from '../../../lib/explore/loops/loop-lines.ts';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';
import { Mutex } from '../../../lib/kernel/locking/mutex.ts';
import { createMachine } from '../../../lib/kernel/core/create-machine.ts';

function lineOfStop(generator: Generator): string | undefined {
  const stop = Debugger.shared()?.look(generator).stop;
  return stop === undefined ? undefined : lineOf(stop);
}

describe('lineOf', () => {
  it('names a line of the source, and none of this library', () => {
    const body = (function* () {
      yield;
    })();
    body.next();
    expect(lineOfStop(body)).to.equal('loop-lines.spec.ts:16');
    const machine = createMachine();
    const lock = new Mutex(machine, 'lock');
    lock.lock(machine.task('a')).next();
    const waiting = lock.lock(machine.task('b'));
    waiting.next();
    expect(lineOfStop(waiting)).to.equal(undefined);
  });
});
