import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { checkDmaDirection, refusePieces } from '../../../lib/kernel/dma/dma-arguments.ts';
import { at, dmaFixture } from './dma-fixture.ts';
import { AS_LINUX, rulesOf, violationOf } from '../violations.ts';

describe('what may be mapped for a device', () => {
  it('is bytes of memory, all of RAM or all of one region', () => {
    const { machine, task, high } = dmaFixture({ onViolation: 'record', lowmemPages: 64, highmemPages: 16 });
    const end = machine.hardware.memory.endPfn;
    const last = machine.hardware.memory.page(end - 1);
    const [bar] = machine.ioRegion(2);
    const [beside] = machine.ioRegion(1);
    if (bar === undefined || beside === undefined) throw new Error('no page');
    const argument = (page: typeof last, offset: number, length: number): string =>
      refusePieces(task, [{ page, offset, length }])?.argument ?? 'ok';
    expect([argument(last, 0, 4096), argument(last, 4095, 1)]).to.deep.equal(['ok', 'ok']);
    expect([argument(last, 0, 4097), argument(last, 4096, 1)]).to.deep.equal(['length', 'length']);
    expect([argument(bar, 0, 8192), argument(bar, 0, 8193), argument(beside, 0, 4097)]).to.deep.equal([
      'ok',
      'length',
      'length',
    ]);
    expect([argument(at(high, 0), 0, 8192), argument(at(high, 0), 2 ** 40, 1)]).to.deep.equal([
      'ok',
      'length',
    ]);
    expect(argument(machine.hardware.memory.page(63), 0, 8192)).to.equal('ok');
    expect(new Set(rulesOf(machine))).to.deep.equal(new Set(['dma-range']));
  });

  it('is never a page of another machine', () => {
    const { task } = dmaFixture();
    const page = createMachine().allocPage({ zone: 'lowmem' });
    expect(() => refusePieces(task, [{ page, offset: 0, length: 8 }])).to.throw(
      ConfigError,
      'of another machine',
    );
  });

  it('is no bytes on a compatible machine only, and never fewer', () => {
    const { task, low, machine } = dmaFixture(AS_LINUX);
    const of = (length: number) => refusePieces(task, [{ page: at(low, 0), offset: 0, length }])?.got;
    expect([of(0), of(-1), of(0.5)]).to.deep.equal([undefined, -1, 0.5]);
    expect(rulesOf(machine)).to.deep.equal(['dma-range', 'dma-range']);
  });

  it('has one of three directions', () => {
    const { task } = dmaFixture();
    for (const direction of ['toDevice', 'fromDevice', 'bidirectional'] as const)
      checkDmaDirection(task, direction);
    for (const none of ['none', undefined, 'toString', 1] as readonly unknown[])
      expect(violationOf(() => checkDmaDirection(task, none as 'toDevice'))).to.equal('dma-direction');
  });
});
