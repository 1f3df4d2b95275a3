/**
 * Clause: every operation on a released mapping is refused, and every operation past the end of a live one.
 */
import type { MachineOptions } from '../machine/config.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { sgInitTable, sgSetPage } from '../scatterlist/list/entry.ts';
import { sgMap } from '../scatterlist/map/sg-map.ts';
import { breaks, check, same, valueOf } from './check.ts';
import type { Clause } from './clause.ts';
import { bytesOf } from './contents.ts';
import { ASK_BYTES, OPERATIONS } from './operations.ts';
import type { Operation } from './operations.ts';
import { Rig, mappableKinds, pattern } from './rig.ts';
import { VARIANTS } from './variants.ts';

const LENGTH = 16;
const OFFSET = 32;

interface Held {
  readonly page: Page;
  readonly mapping: Mapping;
  readonly model: Uint8Array;
}

function holdOne(rig: Rig, kind: MemoryKind): Held {
  const page = rig.page(kind);
  const model = pattern(rig.machine.pageSize, 4);
  rig.machine.physical(page).set(model);
  return { page, mapping: rig.map(page, OFFSET, LENGTH), model };
}

function deadAfterUnmap(rig: Rig, kind: MemoryKind, operation: Operation): void {
  const { page, mapping, model } = holdOne(rig, kind);
  operation.run(mapping, 0);
  rig.backend.unmap(mapping);
  const memory = rig.machine.physical(page).slice();
  breaks(
    ['use-after-unmap'],
    () => {
      operation.run(mapping, 0);
    },
    `${operation.title} after the release`,
  );
  rig.checkPhysical(page, memory, 'after the refusal');
  same(memory.length, model.length, 'bytes of the page');
  rig.checkClean('afterwards');
}

function endsAtItsEnd(rig: Rig, kind: MemoryKind, { title, width, run }: Operation): void {
  const { page, mapping, model } = holdOne(rig, kind);
  for (const at of [LENGTH, LENGTH - width + 1, LENGTH - width / 2, -1, rig.machine.pageSize]) {
    if (!Number.isInteger(at) || (at >= 0 && at + width <= LENGTH)) continue;
    breaks(
      ['page-overrun'],
      () => {
        run(mapping, at);
      },
      `${title} at ${String(at)} of ${String(LENGTH)} bytes`,
    );
  }
  rig.backend.unmap(mapping);
  rig.checkPhysical(page, model, 'after the refusals');
  rig.checkClean('afterwards');
}

function releasedOnce(rig: Rig, kind: MemoryKind): void {
  const { mapping } = holdOne(rig, kind);
  rig.backend.unmap(mapping);
  same(rig.machine.liveMappings, 0, 'live mappings');
  breaks(
    ['double-unmap'],
    () => {
      rig.backend.unmap(mapping);
    },
    'a second release',
  );
  same(rig.machine.liveMappings, 0, 'live mappings after the second release');
  rig.checkClean('afterwards');
}

function keptArray(rig: Rig, kind: MemoryKind): void {
  const { page, mapping, model } = holdOne(rig, kind);
  const bytes = bytesOf(mapping);
  check(bytes !== undefined, 'no bytes');
  rig.backend.unmap(mapping);
  bytes[3] = 0xff;
  breaks(
    ['use-after-unmap'],
    () => {
      rig.machine.physical(page);
    },
    'the next operation after a write to a kept array',
  );
  rig.checkPhysical(page, model, 'which the write never reached,');
  rig.checkClean('afterwards');
}

function leakIsFound(rig: Rig, kind: MemoryKind): void {
  holdOne(rig, kind);
  same(rig.machine.liveMappings, 1, 'live mappings');
  breaks(
    ['leak'],
    () => {
      rig.machine.checkLeaks();
    },
    'the end of a test that holds a mapping',
  );
}

function byUsing(rig: Rig, kind: MemoryKind): void {
  const entry = sgInitTable(1).entry(0);
  sgSetPage(entry, rig.page(kind), LENGTH, OFFSET);
  {
    using mapping = valueOf(sgMap(entry, 0, rig.backend), 'sgMap');
    same(mapping.length, LENGTH, 'length of the mapping');
    same(rig.machine.liveMappings, 1, 'live mappings in the scope');
  }
  rig.checkClean('after the scope');
}

/** The end of a mapping's life, and its bounds. */
export const afterUnmap: Clause = ({ describe, it, subject, contract }) => {
  for (const { title, options } of VARIANTS) {
    const kinds = mappableKinds(contract);
    const onEach = (
      what: string,
      run: (rig: Rig, kind: MemoryKind) => void,
      machine: MachineOptions = options,
    ): void => {
      for (const kind of kinds) {
        it(`${what} (${kind})`, () => {
          run(new Rig(subject, machine), kind);
        });
      }
    };
    describe(title, () => {
      for (const operation of contract.direct ? [...OPERATIONS, ASK_BYTES] : OPERATIONS) {
        onEach(`${operation.title} after the release is use-after-unmap`, (rig, kind) => {
          deadAfterUnmap(rig, kind, operation);
        });
      }
      for (const operation of OPERATIONS) {
        onEach(`${operation.title} beyond the mapping is page-overrun`, (rig, kind) => {
          endsAtItsEnd(rig, kind, operation);
        });
      }
      onEach('a second release is double-unmap', releasedOnce);
      onEach('a mapping that is never released is a leak', leakIsFound);
      onEach('the end of a `using` scope releases', byUsing);
      if (contract.direct && options.mode === 'checked') {
        onEach('a write to an array kept from a released mapping is found', keptArray);
      }
    });
  }
};
