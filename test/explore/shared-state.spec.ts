import { expect } from 'chai';
import { WaitQueue } from 'scatterlist/machine';
import { SharedState } from '../../lib/explore/shared-state.ts';

function watch<T extends object>(
  root: T,
): { readonly log: string[]; readonly state: SharedState; readonly shared: T } {
  const log: string[] = [];
  const state = new SharedState(root, {
    sharedRead: (place, value) =>
      log.push(typeof value === 'number' ? `read ${place} ${value.toString()}` : `read ${place}`),
    sharedWrite: (place) => log.push(`write ${place}`),
  });
  return { log, state, shared: state.watched as T };
}

describe('SharedState', () => {
  it('sees reads and writes of plain objects, however deep', () => {
    const { log, shared } = watch({ a: { b: 1 } });
    shared.a.b += 1;
    expect(log).to.deep.equal(['read .a', 'read .a', 'read .a.b 1', 'write .a.b'].slice(1));
  });

  it('sees arrays grow', () => {
    const { log, shared } = watch({ list: [1] });
    shared.list.push(2);
    expect(log).to.include('write .list.1');
    expect(log).to.include('write .list.*');
  });

  it('hashes what it cannot watch', () => {
    const bytes = new Uint8Array(2);
    const { state } = watch({ bytes });
    const before = state.opaqueHash();
    bytes[1] = 1;
    expect(before).to.not.equal(0);
    expect(state.opaqueHash()).to.not.equal(before);
    expect(watch({ a: { b: 1 } }).state.opaqueHash()).to.equal(0);
  });

  it('notices wake-ups that find nobody', () => {
    const queue = new WaitQueue('q');
    const { state } = watch({ queue });
    const before = state.wakeUps();
    queue.wakeAll();
    expect(state.wakeUps()).to.equal(before + 1);
  });
});
