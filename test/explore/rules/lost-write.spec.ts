import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Violation } from 'scatterlist';
import type { TraceEvent } from '../../../lib/machine/trace.ts';
import { explain, explore, parseSchedule } from 'scatterlist/explore';
import { refine } from '../../../lib/explore/rules/lost-write.ts';
import { counter, found } from '../programs.ts';

describe('lost-write', () => {
  it('names both contexts', () => {
    const { violation } = found(explore(counter()));
    expect(violation.rule).to.equal('lost-write');
    expect(violation.what).to.match(
      /"(one|two)" stored to pfn 0x40 offset 0 .* before "(one|two)" stored there/,
    );
  });

  it('says which load, and which stores, in which steps', () => {
    const { violation } = explain(counter(), parseSchedule('0.1.1.0'));
    const said = violation?.details.map(({ label, text }) => `${label}: ${text.replace(/:\d+/g, ':N')}`);
    expect(said).to.deep.equal([
      'after: load of byte 0 by "one" at programs.ts:N in step 0',
      'lost: store of byte 0 by "two" at programs.ts:N in step 2',
      'lost by: store of byte 0 by "one" at programs.ts:N in step 3',
      'read: byte 0 of pfn 0x40 is 0x01; last written by task "one" at programs.ts:N in step 3',
    ]);
  });

  it('is not claimed where nothing was overwritten', () => {
    const { violation } = found(explore(counter(true, { check: () => false })));
    expect(violation.rule).to.equal('final-check');
  });

  it('needs a load, a foreign store and a store of bytes that meet, in that order', () => {
    const check: Violation = {
      rule: 'final-check',
      severity: 'bug',
      what: 'wrong',
      context: createMachine().executing.state(),
      mapping: undefined,
      details: [],
      foundAt: undefined,
    };
    const access = (
      what: 'load' | 'store',
      name: string,
      offset: number,
      lengthBytes = 4,
      pfn = 1,
    ): TraceEvent => ({
      event: what,
      by: { name, cpu: 0 },
      pfn,
      offset,
      lengthBytes,
      serial: 0,
    });
    const rule = (...events: readonly TraceEvent[]): string => refine(check, events).rule;
    const [load, store] = [access('load', 'a', 8), access('store', 'a', 8)];
    for (const at of [5, 8, 11]) expect(rule(load, access('store', 'b', at), store)).to.equal('lost-write');
    for (const at of [4, 12]) expect(rule(load, access('store', 'b', at), store)).to.equal('final-check');
    expect(rule(load, access('store', 'b', 8, 4, 2), store)).to.equal('final-check');
    expect(rule(load, access('load', 'b', 8), store)).to.equal('final-check');
    expect(rule(access('store', 'b', 8), load, store)).to.equal('final-check');
    expect(rule(load, store, access('store', 'b', 8))).to.equal('final-check');
    expect(rule(access('store', 'b', 8), store)).to.equal('final-check');
    // What it loaded last counts, and a store of its own in between makes it know what it overwrites.
    expect(rule(load, access('store', 'b', 8), load, store)).to.equal('final-check');
    expect(rule(load, store, access('store', 'b', 8), store)).to.equal('final-check');
    expect(refine(check, [load, access('store', 'b', 10, 1), store]).what).to.equal(
      'wrong: "a" stored to pfn 0x1 offset 8 what it had computed before "b" stored there',
    );
    expect(refine(check, [])).to.equal(check);
  });

  it('leaves other violations alone', () => {
    const told = explain(counter(false, { check: () => false }), parseSchedule('0.0.1.1'));
    if (told.violation === undefined) throw new Error('no violation');
    const leak = { ...told.violation, rule: 'leak' } as const;
    expect(refine(leak, told.events)).to.equal(leak);
  });
});
