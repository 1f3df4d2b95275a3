import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { defineBackend } from 'scatterlist/backend';
import * as backends from 'scatterlist/backends';

const SIZES = { lowmemPages: 8, highmemPages: 8, bounceSlots: 2, vmallocPages: 8, protectedPages: 1 };

describe('checkContract', () => {
  const task = createMachine(SIZES).task();
  const { contract } = backends.kmapLocal(task);
  const definition = { map: backends.kmapLocal(task).map, unmap: () => undefined };

  function define(changes: object): unknown {
    return defineBackend(task, { ...definition, contract: { ...contract, ...changes } });
  }

  it('takes every contract of ours', () => {
    for (const bind of [backends.kmapLocal, backends.kmap, backends.vmap, backends.iomemBounce])
      expect(defineBackend(task, { ...definition, contract: bind(task).contract })).to.be.an('object');
    const nesting = { order: 'lifo', limitedBy: 3, beyond: 'violation' };
    expect(define({ nesting })).to.be.an('object');
  });

  it('refuses keys and values that no contract has, in one line', () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ sleep: true }, /^contract kmap_local has no option 'sleep'; it has name, /],
      [{ sleeps: 'yes' }, /^sleeps is 'yes'; it must be true or false$/],
      [{ sleeps: undefined }, /^sleeps is undefined; it must be true or false$/],
      [{ scope: 'world' }, /^scope is 'world'; it must be 'global' or 'task' or 'cpu'$/],
      [{ contexts: ['irq'] }, /'irq'; it must be 'task'/],
      [{ contexts: 'task' }, /contexts/],
      [{ disables: ['sleep'] }, /'sleep'; it must be/],
      [{ nesting: { order: 'fifo', limitedBy: 'nothing', beyond: 'none' } }, /^order is 'fifo'/],
      [{ nesting: { order: 'any', limitedBy: 'slots', beyond: 'none' } }, /limitedBy .*'slots'/],
      [{ nesting: { order: 'any', limitedBy: -1, beyond: 'none' } }, /limitedBy .*-1/],
      [{ nesting: { order: 'any', limitedBy: 'nothing' } }, /says nothing about beyond/],
      [{ errors: {} }, /^errors of contract kmap_local says nothing about lowmem$/],
      [{ except: { lowmen: {} } }, /'lowmen'/],
      [{ except: { lowmem: { scope: 'task' } } }, /says nothing about nesting/],
    ];
    for (const [changes, message] of wrong)
      expect(() => define(changes), JSON.stringify(changes)).to.throw(ConfigError, message);
  });

  it('refuses a definition without its functions, or with others', () => {
    const given = { ...definition, contract };
    expect(() => defineBackend(task, { ...given, unmapp: 1 } as never)).to.throw(ConfigError, /'unmapp'/);
    expect(() => defineBackend(task, { ...given, map: 3 } as never)).to.throw(ConfigError, /map is 3/);
    expect(() => defineBackend(task, { contract } as never)).to.throw(ConfigError, /must be a function/);
  });
});
