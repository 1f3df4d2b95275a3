import { kmap, kmapLocal, pageAddress } from 'scatterlist/backends';
import { oneWindow } from '../../examples/own-backend.ts';
import { exhaustion } from '../../lib/conformance/exhaustion.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on exhaustion', () => {
  catches(
    exhaustion,
    'declares another error than it answers',
    broken(kmap, (inner) => ({
      contract: {
        nesting: { ...inner.contract.nesting, beyond: 'NoVirtualSpace' },
        errors: { ...inner.contract.errors, highmem: ['NoVirtualSpace'] },
      },
    })),
    /error of one mapping too many: got NoSlots/,
  );

  catches(
    exhaustion,
    'holds more than it says',
    broken(pageAddress, (inner) => ({
      contract: {
        nesting: { order: 'any', limitedBy: 3, beyond: 'NoSlots' },
        errors: { ...inner.contract.errors, lowmem: ['NoSlots'] },
      },
    })),
    /one mapping too many succeeded/,
  );

  catches(
    exhaustion,
    'holds less than it says',
    broken(oneWindow, (inner) => ({ contract: { nesting: { ...inner.contract.nesting, limitedBy: 2 } } })),
    /failed with NoSlots/,
  );

  catches(
    exhaustion,
    'calls an error what is a violation',
    broken(kmapLocal, (inner) => ({
      contract: {
        nesting: { ...inner.contract.nesting, beyond: 'NoSlots' },
        errors: { ...inner.contract.errors, highmem: ['NoSlots'] },
      },
    })),
    /one more is NoSlots.*too many nested local maps/,
  );

  catches(
    exhaustion,
    'says that nothing bounds it',
    broken(kmapLocal, (inner) => ({
      contract: { nesting: { ...inner.contract.nesting, limitedBy: 'nothing', beyond: 'none' } },
    })),
    /is not limited .*too many nested local maps/,
  );

  catches(
    exhaustion,
    'has a limit that no kind of memory meets',
    broken(kmap, (inner) => ({ contract: { errors: { ...inner.contract.errors, highmem: [] } } })),
    /no kind of memory lists it/,
  );

  catches(
    exhaustion,
    'never gives a slot back',
    broken(kmap, () => ({ unmap: () => undefined })),
    /failed with NoSlots|live mappings/,
  );

  catches(
    exhaustion,
    'leaks a slot when it fails',
    broken(kmap, (inner, context) => ({
      map: (page, offset, length) => {
        const mapped = inner.map(page, offset, length);
        if (!mapped.ok) context.machine.hardware.ledger.maps += 1;
        return mapped;
      },
    })),
    /live mappings after the refusal/,
  );
});
