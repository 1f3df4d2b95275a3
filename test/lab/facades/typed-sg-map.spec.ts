import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { failCall, typedSgMap } from 'scatterlist/lab';
import candidate from '../../../examples/lab/typed-sg-map.ts';
import { TestList } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

describe('typedSgMap', () => {
  describeFacade(candidate);

  it('fails where the type says so: a map of the pool that does not wait', () => {
    const machine = createMachine({ highmemPages: 16, pkmapSlots: 2 });
    const task = machine.task('mapper');
    const api = typedSgMap.on(machine, failCall(0)).open(task);
    const list = new TestList(machine, [{ kind: 'highmem', offset: 4000, length: 200 }], 1);
    const [sg] = list.table;
    if (sg === undefined) throw new Error('no entry');
    expect(api.sgMap(sg, 0, api.pool)).to.deep.equal({
      ok: false,
      error: { code: 'NoSlots', slots: 2, waiting: 0 },
    });
    const waited = runAlone(task, api.sgMapWait(sg, 0, api.pool)).value;
    const again = api.sgMap(sg, 0, api.pool);
    expect(again.ok).to.be.true;
    const local = api.sgMap(sg, 100, api.local).value;
    expect([waited.length, local.length]).to.deep.equal([96, 100]);
    if (again.ok) api.sgUnmap(again.value);
    api.sgUnmap(local);
    api.sgUnmap(waited);
    machine.checkLeaks();
  });
});
