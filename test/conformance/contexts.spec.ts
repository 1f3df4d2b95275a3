import { kmap, kmapLocal, vmap } from 'scatterlist/backends';
import { mightSleep } from 'scatterlist/machine';
import { contexts } from '../../lib/conformance/contexts.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on contexts', () => {
  catches(
    contexts,
    'claims a context in which it may not run',
    broken(vmap, () => ({ contract: { contexts: ['task', 'softirq'] } })),
    /softirq: \w+ is mapped and released: .*sleeping function/,
  );

  catches(
    contexts,
    'works in a context that it disclaims',
    broken(kmapLocal, () => ({ contract: { contexts: ['task', 'softirq', 'hardirq'] } })),
    /nmi: \w+ is a violation: map: expected .* got none/,
  );

  catches(
    contexts,
    'may sleep in map',
    broken(kmapLocal, (inner, context) => ({
      map: (page, offset, length) => {
        mightSleep(context);
        return inner.map(page, offset, length);
      },
    })),
    /softirq: .*sleeping function/,
  );

  catches(
    contexts,
    'may sleep in unmap',
    broken(kmapLocal, (inner, context) => ({
      unmap: (mapping) => {
        mightSleep(context);
        inner.unmap(mapping);
      },
    })),
    /task with preemption disabled: .*sleeping function/,
  );

  catches(
    contexts,
    'can be released anywhere, though it may be mapped in tasks only',
    broken(kmap, (inner, context) => ({
      unmap: (mapping) => {
        if (mapping.slot < 0) return;
        inner.unmap(mapping);
      },
      map: (page, offset, length) => {
        mightSleep(context, 'map', 'kmap-in-atomic');
        return inner.map(page, offset, length);
      },
    })),
    /releasing lowmem is a violation, too: unmap: expected/,
  );
});
