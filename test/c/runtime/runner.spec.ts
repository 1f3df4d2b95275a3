import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { Runner, STACK_BYTES, isOwn } from '../../../lib/c/runtime/runner.ts';
import { AddressSpace } from '../../../lib/kernel/address/address-space.ts';

describe('Runner', () => {
  const make = () => {
    const machine = createMachine();
    const space = new AddressSpace(machine.task('one'));
    return {
      machine,
      runner: new Runner('one', space, 0xc000_4000, new DataView(new ArrayBuffer(STACK_BYTES))),
    };
  };

  it('holds its stack, whose top leaves room for one access', () => {
    const { runner } = make();
    expect([0xc000_3fff, 0xc000_4000, 0xc000_5fff, 0xc000_6000].map((at) => runner.holds(at))).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
    expect(runner.sp).to.be.within(runner.lo + STACK_BYTES - 64, runner.lo + STACK_BYTES - 16);
    expect(isOwn(runner, runner.sp, 8)).to.equal(true);
    expect(isOwn(runner, runner.sp, 17)).to.equal(false);
    expect(isOwn(runner, runner.lo - 1, 2)).to.equal(false);
  });

  it('begins anew with a stack that is all its own', () => {
    const { machine, runner } = make();
    Object.assign(runner, { sp: runner.lo, own: 0 });
    Object.assign(runner.intent, { bytes: 4 });
    Object.assign(runner.intent2, { bytes: 4 });
    const other = new AddressSpace(machine.task('two'));
    runner.begin(other);
    expect(runner.context).to.equal(other.context);
    expect([runner.intent.bytes, runner.intent2.bytes]).to.deep.equal([0, 0]);
    expect(isOwn(runner, runner.sp - 100, 100)).to.equal(true);
  });
});
