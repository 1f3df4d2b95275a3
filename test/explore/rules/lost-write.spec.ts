import { expect } from 'chai';
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

  it('is not claimed where nothing was overwritten', () => {
    const { violation } = found(explore(counter(true, { check: () => false })));
    expect(violation.rule).to.equal('final-check');
  });

  it('leaves other violations alone', () => {
    const told = explain(counter(false, { check: () => false }), parseSchedule('0.0.1.1'));
    if (told.violation === undefined) throw new Error('no violation');
    const leak = { ...told.violation, rule: 'leak' } as const;
    expect(refine(leak, told.events)).to.equal(leak);
  });
});
