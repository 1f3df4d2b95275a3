import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
import { ENOMEM, lookProgram, whoNotices } from 'scatterlist/lab';
import type { Candidate, Site } from 'scatterlist/lab';
import sgMap2017 from '../../../examples/lab/sg-map-2017.ts';
import { partsOf, toyWith } from './toy.ts';
import type { Toy } from './toy.ts';

interface Variant {
  readonly part?: (env: Parameters<Site<Toy, 'copyResponse'>>[0]) => void;
  readonly unmaps?: boolean;
  readonly leaksOnError?: boolean;
  readonly isZero?: boolean;
  readonly returns?: number;
}

/** The right call site, or one with a mistake. */
function site(variant: Variant = {}): Candidate {
  const { part, unmaps = true, isZero = false, returns = 0, leaksOnError = false } = variant;
  return toyWith((env) => {
    const kept = [];
    for (const { page, offset, bytes } of partsOf(env)) {
      const mapped = env.api.local(page);
      if (mapped === undefined) {
        if (!leaksOnError) for (const each of kept.reverse()) env.api.localDone(each);
        return -ENOMEM;
      }
      mapped.copyFrom(isZero ? new Uint8Array(bytes.length) : bytes, offset);
      kept.push(mapped);
      part?.(env);
    }
    if (unmaps) for (const mapped of kept.reverse()) env.api.localDone(mapped);
    return returns;
  });
}

describe('whoNotices', () => {
  const notice = (variant: Variant) => whoNotices(site(), site(variant), 'copyResponse');

  it('the design itself', () => {
    expect(notice({ part: ({ api }) => api.boom() })).to.deep.equal({
      by: 'facade',
      run: 'plain',
      what: 'stops at an assertion of the design: the toy has a rule',
      violation: undefined,
    });
  });

  it('the checked machine, in the plain run or when a call fails', () => {
    expect(notice({ unmaps: false })).to.deep.include({ by: 'machine', run: 'plain' });
    expect(notice({ leaksOnError: true })).to.deep.include({
      by: 'machine',
      run: { call: 'local', failAt: 1 },
    });
  });

  it('the explorer, in an order that can be run again', () => {
    // The second user that enters finds the gate taken; no task opens it.
    const one = (isOpened: boolean) =>
      toyWith(function* gate(env) {
        yield* env.api.enter();
        for (const { page, offset, bytes } of partsOf(env)) {
          const mapped = env.api.local(page);
          if (mapped === undefined) {
            env.api.leave();
            return -ENOMEM;
          }
          mapped.copyFrom(bytes, offset);
          env.api.localDone(mapped);
        }
        if (isOpened) env.api.leave();
        return 0;
      });
    const [right, wrong] = [one(true), one(false)];
    const { by, run } = whoNotices(right, wrong, 'copyResponse');
    expect(by).to.equal('explorer');
    if (typeof run === 'string' || !('schedule' in run)) throw new Error('no schedule');
    const told = explain(lookProgram(right, wrong, 'copyResponse'), parseSchedule(run.schedule));
    expect(told.violation?.rule).to.equal('deadlock');
  });

  it('nothing: bytes are wrong, or an error comes without a failure', () => {
    const wrong = notice({ isZero: true });
    expect(wrong.by).to.equal('nothing');
    expect(wrong.what).to.match(/^returns success, and byte/);
    expect(notice({ returns: -22 })).to.deep.include({ by: 'nothing', run: 'plain' });
  });

  it('tells a mistake that makes no difference', () => {
    expect(notice({ part: () => undefined })).to.deep.include({ by: 'no effect', run: 'plain' });
  });

  it('tells a mistake that cannot be seen, because the right program is reported in the same way', () => {
    const { by, what } = whoNotices(sgMap2017, sgMap2017, 'copyResponse');
    expect(by).to.equal('masked');
    expect(what).to.match(/^breaks rule unmap-address/);
  });
});
