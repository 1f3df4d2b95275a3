import { kmap, kmapLocal } from 'scatterlist/backends';
import { scope } from '../../lib/conformance/scope.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on scope', () => {
  catches(
    scope,
    'claims addresses that hold everywhere',
    broken(kmapLocal, () => ({ contract: { scope: 'global' } })),
    /use from a task on another CPU works/,
  );

  catches(
    scope,
    'disclaims addresses that hold everywhere',
    broken(kmap, () => ({ contract: { scope: 'task' } })),
    /expected the violation wrong-task, got none/,
  );

  catches(
    scope,
    'can be released from anywhere, though it says task',
    broken(kmap, () => ({ contract: { scope: 'task' } })),
    /release from another CPU is wrong-cpu: .* got none/,
  );
});
