import { kmap, kmapAtomic, kmapLocal, pgmap } from 'scatterlist/backends';
import { preemptDisable } from 'scatterlist/machine';
import { sideEffects } from '../../lib/conformance/side-effects.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on side effects', () => {
  catches(
    sideEffects,
    'disables migration and does not say so',
    broken(kmapLocal, () => ({ contract: { disables: [] } })),
    /migration count went from 0 to 1/,
  );

  catches(
    sideEffects,
    'does not say what it disables on PREEMPT_RT',
    broken(kmapLocal, () => ({ contract: { disablesRt: [] } })),
    /PREEMPT_RT > .*migration count went from 0 to 1/,
  );

  catches(
    sideEffects,
    'claims to disable what it leaves',
    broken(kmap, () => ({ contract: { disables: ['preemption'] } })),
    /preemption count went from 0 to 0/,
  );

  catches(
    sideEffects,
    'says preemption where PREEMPT_RT has none',
    broken(kmapAtomic, (inner) => ({ contract: { disablesRt: inner.contract.disables } })),
    /PREEMPT_RT > .*preemption count/,
  );

  catches(
    sideEffects,
    'leaves preemption disabled',
    broken(kmapLocal, (inner, context) => ({
      map: (page, offset, length) => {
        preemptDisable(context);
        return inner.map(page, offset, length);
      },
    })),
    /preemption/,
  );

  catches(
    sideEffects,
    'declares side effects of highmem pages that it never maps',
    broken(pgmap, () => ({ contract: { disables: ['migration'] } })),
    /declared side effects: got 1/,
  );
});
