import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { FacadeError, defineFacade, failCall } from 'scatterlist/lab';
import type { Facade } from 'scatterlist/lab';

interface Counter {
  readonly name: string;
  take(): boolean;
  give(): void;
}

const WORDS = { name: 'one-slot', title: 'One slot', source: 'a test', simplifies: 'all' } as const;

function oneSlot(): Facade<Counter> {
  return defineFacade({
    ...WORDS,
    shared: () => ({ taken: 0 }),
    open: ({ context, shared, fails, refuse }) => ({
      name: context.name,
      take: () => {
        if (fails('take') || shared.taken === 1) return false;
        shared.taken += 1;
        return true;
      },
      give: () => {
        if (shared.taken === 0) refuse('give without take');
        shared.taken -= 1;
      },
    }),
  });
}

describe('defineFacade', () => {
  it('opens the functions in each context, over what the machine shares', () => {
    const machine = createMachine();
    const { open } = oneSlot().on(machine);
    const [one, two] = [open(machine.task('one')), open(machine.task('two'))];
    expect([one.name, two.name]).to.deep.equal(['one', 'two']);
    expect([one.take(), two.take()]).to.deep.equal([true, false]);
    one.give();
    expect(two.take()).to.be.true;
  });

  it('shares nothing between machines', () => {
    const facade = oneSlot();
    for (const machine of [createMachine(), createMachine()])
      expect(facade.on(machine).open(machine.task()).take()).to.be.true;
  });

  it('fails the call that the plan says, and tells which were asked about', () => {
    const machine = createMachine();
    const faults = failCall(1);
    const slot = oneSlot().on(machine, faults).open(machine.task());
    expect(slot.take()).to.be.true;
    slot.give();
    expect(slot.take()).to.be.false;
    expect(slot.take()).to.be.true;
    expect(faults.asked).to.deep.equal(['take', 'take', 'take']);
  });

  it('refuses a wrong use with an error of its own', () => {
    const machine = createMachine();
    expect(() => oneSlot().on(machine).open(machine.task()).give()).to.throw(
      FacadeError,
      'give without take',
    );
  });

  it('says for which machine it is made, if for one of its own', () => {
    const open = (): number => 1;
    expect(oneSlot().machine).to.deep.equal({});
    expect(defineFacade({ ...WORDS, open, machine: { cpus: 2 } }).machine).to.deep.equal({ cpus: 2 });
  });

  it('refuses a name that is no file name, and a spec without functions', () => {
    const open = (): number => 1;
    expect(() => defineFacade({ ...WORDS, name: 'One Slot', open })).to.throw(ConfigError, "'One Slot'");
    const broken = JSON.parse(JSON.stringify(WORDS)) as Parameters<typeof defineFacade>[0];
    expect(() => defineFacade(broken)).to.throw(ConfigError, 'open of a facade');
  });
});
