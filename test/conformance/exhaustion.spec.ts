import { expect } from 'chai';
import { err } from 'scatterlist';
import type { Context, Machine, MapBackend } from 'scatterlist';
import type { ErrorTable } from 'scatterlist/backend';
import { iomemBounce, kmap, kmapLocal, pageAddress, vmap } from 'scatterlist/backends';
import type { Subject } from 'scatterlist/conformance';
import oneWindow from '../../examples/own-backend.ts';
import { contexts } from '../../lib/conformance/contexts.ts';
import { exhaustion } from '../../lib/conformance/exhaustion.ts';
import { hostileShapes } from '../../lib/conformance/hostile-shapes.ts';
import { nesting } from '../../lib/conformance/nesting.ts';
import { sleeping } from '../../lib/conformance/sleeping.ts';
import { broken, catches, failures } from './faulty.ts';
import type { Parts } from './faulty.ts';

/** The same backend with numbers of its errors replaced. */
function wrongNumbers(inner: MapBackend, change: object): Parts {
  return {
    map: (page, offset, length) => {
      const mapped = inner.map(page, offset, length);
      if (!mapped.ok && mapped.error.code !== 'Unmappable') Object.assign(mapped.error, change);
      return mapped;
    },
  };
}

/** A backend that lets `limit` mappings of the machine live, over another one. */
function limited(make: (context: Context) => MapBackend, limit: number): Subject {
  const held = new WeakMap<Machine, number>();
  return broken(make, (inner, { machine }) => {
    const { errors, nesting: over } = inner.contract;
    return {
      contract: {
        name: `at most ${String(limit)}`,
        sleeps: false,
        nesting: { order: over.order, limitedBy: limit, beyond: 'NoSlots' },
        errors: Object.fromEntries(
          Object.entries(errors).map(([kind, codes]) => [
            kind,
            codes.includes('Unmappable') ? codes : ['NoSlots'],
          ]),
        ) as unknown as ErrorTable,
      },
      map: (page, offset, length) => {
        const live = held.get(machine) ?? 0;
        if (live >= limit && !inner.contract.errors[page.kind].includes('Unmappable'))
          return err({ code: 'NoSlots', slots: limit, waiting: 0 });
        const mapped = inner.map(page, offset, length);
        if (mapped.ok) held.set(machine, live + 1);
        return mapped;
      },
      unmap: (mapping) => {
        inner.unmap(mapping);
        held.set(machine, (held.get(machine) ?? 0) - 1);
      },
    };
  });
}

const LIMITED: Readonly<Record<string, (limit: number) => Subject>> = {
  'local slots': (limit) => limited(kmapLocal, limit),
  'the kmap pool': (limit) => limited(kmap, limit),
  'the vmalloc area': (limit) => limited(vmap, limit),
  'permanent addresses': (limit) => limited(pageAddress, limit),
};

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

  for (const [title, change, words] of [
    ['more slots than it has', { slots: 99 }, /slots of NoSlots: got 99, expected [124]/],
    ['no slots', { slots: 0 }, /slots of NoSlots is 0, expected a whole number from 1 on/],
    ['a part of a slot', { slots: 1.5 }, /slots of NoSlots is 1.5, expected a whole number/],
    ['tasks that wait, though none does', { waiting: 3 }, /waiting of NoSlots: got 3, expected 0/],
  ] as const) {
    catches(
      exhaustion,
      `names ${title} in its error`,
      broken(kmap, (inner) => wrongNumbers(inner, change)),
      words,
    );
  }

  for (const [title, change, words] of [
    ['other pages than were asked for', { needPages: 2 }, /needPages of NoVirtualSpace: got 2, expected 1/],
    [
      'pages that are not free',
      { freePages: 4 },
      /freePages of NoVirtualSpace on a full pool: got 4, expected [01]/,
    ],
    ['a negative number of free pages', { freePages: -1 }, /freePages of NoVirtualSpace is -1/],
  ] as const) {
    catches(
      exhaustion,
      `names ${title}`,
      broken(vmap, (inner) => wrongNumbers(inner, change)),
      words,
    );
  }

  for (const [title, change, words] of [
    [
      'the bytes of a slot, not those asked for',
      { needBytes: 2048 },
      /needBytes of BounceExhausted: got 2048, expected 16/,
    ],
    ['bytes that are not free', { freeBytes: 2048 }, /freeBytes of BounceExhausted on a full pool: got 2048/],
  ] as const) {
    catches(
      exhaustion,
      `names ${title}`,
      broken(iomemBounce, (inner) => wrongNumbers(inner, change)),
      words,
    );
  }

  for (const limit of [1, 2, 5, 40]) {
    for (const [title, make] of Object.entries(LIMITED)) {
      const subject = make(limit);
      for (const [name, clause] of Object.entries({
        exhaustion,
        sleeping,
        nesting,
        contexts,
        hostileShapes,
      })) {
        it(`passes a right backend over ${title} with a limit of its own of ${String(limit)}: ${name}`, () => {
          expect(failures(clause, subject)).to.deep.equal([]);
        });
      }

      catches(
        exhaustion,
        `holds one less than its limit of ${String(limit)}, over ${title}`,
        broken(
          (context) => subject.backend(context, context.machine),
          (inner) => ({
            contract: { nesting: { ...inner.contract.nesting, limitedBy: limit + 1 } },
          }),
        ),
        /failed with NoSlots/,
      );
    }
  }

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
