import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { UserSpace, runAlone } from 'scatterlist/machine';
import { Hash } from '../../../lib/base/hash.ts';
import { inMemory, storeDirty } from '../dirty-line.ts';

describe('UserSpace', () => {
  it('has a window of a present page at the address of the user', () => {
    const machine = createMachine();
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    const user = new UserSpace(machine);
    user.map(0x4000, page, false);
    const window = user.windowAt(task, 0x4008, false);
    expect([window?.vaddr, window?.page]).to.deep.equal([0x4000, page]);
    expect(user.windowAt(task, 0x4008, true)).to.equal(undefined);
    user.unmap(0x4abc);
    expect(user.windowAt(task, 0x4008, false)).to.equal(undefined);
  });

  it('takes its lock for reading while it handles a fault', () => {
    const machine = createMachine();
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    const seen: unknown[] = [];
    const user: UserSpace = new UserSpace(machine, {
      name: 'mine',
      *handleFault(context, fault) {
        seen.push(context.name, fault, user.mmapLock.holders.length, user.mmapLock.tryDownWrite(task));
        yield;
        return fault.address === 0 ? undefined : page;
      },
    });
    expect(runAlone(task, user.fault(task, { address: 0x1234, write: true }))).to.equal(true);
    expect(runAlone(task, user.fault(task, { address: 0x34, write: true }))).to.equal(false);
    expect(seen.slice(0, 4)).to.deep.equal(['driver', { address: 0x1000, write: true }, 1, false]);
    expect(user.mmapLock.holders).to.deep.equal([]);
    expect(user.mmapLock.name).to.equal('mmap_lock of mine');
    expect(runAlone(task, new UserSpace(machine).fault(task, { address: 0, write: false }))).to.equal(false);
  });

  it('ends where the kernel begins', () => {
    const user = new UserSpace(createMachine());
    expect([
      user.accessOk(0xbfff_fffc, 4),
      user.accessOk(0xbfff_fffc, 5),
      user.accessOk(-1, 1),
    ]).to.deep.equal([true, false, false]);
    expect(user.end).to.equal(0xc000_0000);
  });

  it('refuses what a user page cannot be', () => {
    const machine = createMachine();
    const user = new UserSpace(machine);
    const page = machine.allocPage({ zone: 'lowmem' });
    for (const address of [-4096, 1, 0xc000_0000, 1.5])
      expect(() => user.map(address, page)).to.throw(ConfigError);
    expect(() => user.map(0, createMachine().allocPage({ zone: 'lowmem' }))).to.throw('of another machine');
    expect(() => new UserSpace(machine, { handler: 1 } as never)).to.throw(ConfigError);
  });

  it('has a state key that tells what is present', () => {
    const machine = createMachine();
    const user = new UserSpace(machine);
    const page = machine.allocPage({ zone: 'lowmem' });
    const key = (): number => {
      const hash = new Hash();
      user.addTo(hash);
      return hash.value;
    };
    const keys = [key()];
    user.map(0, page);
    keys.push(key());
    user.map(0, page, false);
    keys.push(key());
    user.map(4096, page, false);
    keys.push(key());
    expect(new Set(keys).size).to.equal(4);
    user.unmap(0);
    user.unmap(4096);
    expect(key()).to.equal(keys[0]);
  });
});

describe('UserSpace on a machine with a data cache', () => {
  it('writes back what the user stored at an address before it is taken away, if there are aliases', () => {
    for (const [dcacheColours, expected] of [
      [1, 0],
      [2, 7],
    ] as const) {
      const machine = createMachine({ dcacheColours });
      const page = machine.allocPage({ zone: 'highmem' });
      const user = new UserSpace(machine);
      user.map(0x5000, page);
      storeDirty(machine, page, 0x5000, 7);
      user.unmap(0x5000);
      expect(inMemory(machine, page)).to.equal(expected);
    }
  });
});
