import { expect } from 'chai';
import { kmap, kmapLocal, pageAddress } from 'scatterlist/backends';
import { scope } from '../../lib/conformance/scope.ts';
import { broken, catches, failures } from './faulty.ts';

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

  const perCpu = broken(pageAddress, (inner) => ({
    contract: { scope: 'cpu' },
    map: (page, offset, length) => {
      const mapped = inner.map(page, offset, length);
      if (mapped.ok) mapped.value.scope = 'cpu';
      return mapped;
    },
  }));

  catches(
    scope,
    'lets anybody release what belongs to a task',
    broken(kmapLocal, (inner) => ({
      map: (page, offset, length) => {
        const mapped = inner.map(page, offset, length);
        if (mapped.ok) mapped.value.scope = 'global';
        return mapped;
      },
    })),
    /sgUnmap by another task on the same CPU is wrong-task: .* got none/,
  );

  catches(
    scope,
    'claims that anybody may release it, though only its task may',
    broken(kmapLocal, () => ({ contract: { scope: 'global' } })),
    /SgMiter.stop by another task on the same CPU is as the contexts say: .*did not make it/,
  );

  catches(
    scope,
    'switches to the task that mapped, to release there',
    broken(kmap, (inner, context) => ({
      unmap: (mapping) => {
        context.machine.schedule(context.task);
        inner.unmap(mapping);
      },
    })),
    /who executes after using by another task on the same CPU: got conformance, expected other/,
  );

  it('passes a backend whose addresses hold on their CPU, for every task there', () => {
    expect(failures(scope, perCpu)).to.deep.equal([]);
  });

  catches(
    scope,
    'claims that its addresses hold on their CPU, though they hold for a task',
    broken(kmapLocal, () => ({ contract: { scope: 'cpu' } })),
    /use from another task on the same CPU works/,
  );
});
