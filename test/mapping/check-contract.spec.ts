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

  it('looks at the terms of each kind as it does at those of all', () => {
    const terms = { scope: 'task', nesting: { order: 'any', limitedBy: 2, beyond: 'none' } };
    expect(define({ except: { iomem: terms } })).to.be.an('object');
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ iomem: { ...terms, scope: 'world' } }, /^scope is 'world'/],
      [{ iomem: { ...terms, limit: 1 } }, /^except.iomem of contract kmap_local has no option 'limit'/],
      [{ iomem: { ...terms, nesting: { ...terms.nesting, order: 'fifo' } } }, /^order is 'fifo'/],
      [
        { lowmem: terms, iomem: { ...terms, nesting: { ...terms.nesting, limitedBy: 'slots' } } },
        /^nesting.limitedBy of except.iomem of contract kmap_local is 'slots'/,
      ],
      [{ iomem: undefined }, /except.iomem of contract kmap_local takes an object/],
    ];
    for (const [except, message] of wrong)
      expect(() => define({ except }), JSON.stringify(except)).to.throw(ConfigError, message);
  });

  it('takes a bound of any whole number, and every name of a limit', () => {
    const bound = (limitedBy: unknown) => define({ nesting: { order: 'any', limitedBy, beyond: 'none' } });
    for (const limit of ['localSlots', 'pkmapSlots', 'bounceSlots', 'vmallocPages', 'nothing', 0, 1, 7])
      expect(bound(limit), String(limit)).to.be.an('object');
    for (const limit of [-1, 1.5, NaN, undefined])
      expect(() => bound(limit), String(limit)).to.throw(ConfigError, 'nesting.limitedBy of contract');
  });

  it('misses each word that a contract must say, and no other', () => {
    for (const key of Object.keys(contract)) {
      const { [key]: _, ...rest }: Record<string, unknown> = { ...contract };
      const act = () => defineBackend(task, { ...definition, contract: rest } as never);
      if (key === 'mirrors') expect(act()).to.be.an('object');
      else
        expect(act).to.throw(
          ConfigError,
          key === 'name' ? /says nothing about name/ : /says nothing about|are no array|takes an object/,
        );
    }
    expect(define({ except: undefined })).to.be.an('object');
    for (const key of ['contexts', 'disables', 'disablesRt'])
      for (const value of [['nowhere'], 'task', {}])
        expect(() => define({ [key]: value }), key).to.throw(ConfigError, key);
    for (const kind of ['lowmem', 'highmem', 'iomem', 'protected', 'unmappable'])
      expect(() => define({ errors: { ...contract.errors, [kind]: 'none' } })).to.throw(`${kind} is 'none'`);
  });

  it('looks at a contract once, however many backends are made of it', () => {
    let looks = 0;
    const watched = {
      ...contract,
      get scope() {
        looks += 1;
        return contract.scope;
      },
    };
    defineBackend(task, { ...definition, contract: watched });
    const first = looks;
    expect(first).to.be.above(0);
    defineBackend(task, { ...definition, contract: watched });
    expect(looks).to.equal(first);
  });

  it('refuses a definition without its functions, or with others', () => {
    const given = { ...definition, contract };
    expect(() => defineBackend(task, { ...given, unmapp: 1 } as never)).to.throw(ConfigError, /'unmapp'/);
    expect(() => defineBackend(task, { ...given, map: 3 } as never)).to.throw(ConfigError, /map is 3/);
  });
});
