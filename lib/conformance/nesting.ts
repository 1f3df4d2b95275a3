/**
 * Clause: live mappings are released in the declared order, and in that order only.
 */
import type { MemoryKind } from '../machine/memory.ts';
import { termsFor } from '../mapping/contract.ts';
import type { Contract } from '../mapping/contract.ts';
import { breaks, same } from './check.ts';
import type { Clause } from './clause.ts';
import { capacity } from './capacity.ts';
import { hold, release } from './exhaustion.ts';
import { Rig, mappableKinds } from './rig.ts';
import { VARIANTS } from './variants.ts';

interface Pair {
  readonly older: MemoryKind;
  readonly newer: MemoryKind;
}

function pairs(contract: Contract): readonly Pair[] {
  const kinds = mappableKinds(contract);
  return kinds.flatMap((older) => kinds.map((newer) => ({ older, newer })));
}

/** Whether two mappings of a contract share one order of release. */
function nestTogether(contract: Contract, { older, newer }: Pair): boolean {
  const apart = contract.except?.[older] !== contract.except?.[newer];
  return !apart && termsFor(contract, older).nesting.order === 'lifo';
}

// A direct machine, like Linux, detects a wrong order only if the mapping uses a slot.
function seesOrder(rig: Rig, { older, newer }: Pair): boolean {
  return rig.machine.guard !== undefined || (rig.takesLocalSlot(older) && rig.takesLocalSlot(newer));
}

function inReverse(rig: Rig, { older, newer }: Pair): void {
  const first = rig.mapMarked(rig.page(older), 1);
  const second = rig.mapMarked(rig.page(newer), 2);
  const third = rig.mapMarked(rig.page(older), 3);
  rig.backend.unmap(third);
  const fourth = rig.mapMarked(rig.page(older), 4);
  same(fourth.load8(0), 4, 'the fourth mapping reads');
  rig.backend.unmap(fourth);
  same(second.load8(0), 2, 'the second mapping reads');
  same(first.load8(0), 1, 'the first mapping reads');
  rig.backend.unmap(second);
  same(first.load8(0), 1, 'the first mapping, alone again, reads');
  rig.backend.unmap(first);
  rig.checkClean('afterwards');
}

function inOrder(rig: Rig, pair: Pair, contract: Contract): void {
  const first = rig.mapMarked(rig.page(pair.older), 1);
  const second = rig.mapMarked(rig.page(pair.newer), 2);
  if (!nestTogether(contract, pair)) rig.backend.unmap(first);
  else if (seesOrder(rig, pair)) {
    breaks(
      ['unmap-order'],
      () => {
        rig.backend.unmap(first);
      },
      'releasing the older of two mappings',
    );
    same(first.load8(0), 1, 'the first mapping, whose release was refused, reads');
  }
  same(second.load8(0), 2, 'the second mapping reads');
  rig.backend.unmap(second);
  if (first.live) rig.backend.unmap(first);
  rig.checkClean('afterwards');
}

/** Order of release. */
export const nesting: Clause = ({ describe, it, subject, contract }) => {
  for (const { title, options } of VARIANTS) {
    describe(title, () => {
      for (const pair of pairs(contract)) {
        const what = pair.older === pair.newer ? pair.older : `${pair.newer} over ${pair.older}`;
        const config = { ...subject.machine, ...options };
        const room = Math.min(capacity(contract, pair.older, config), capacity(contract, pair.newer, config));
        if (room < 3) {
          it(`${what}: as many as there is room for (${String(room)}), the newest first`, () => {
            const rig = new Rig(subject, options);
            release(rig, hold(rig, pair.older, room));
            rig.checkClean('afterwards');
          });
        } else {
          it(`${what}: the newest first always works`, () => {
            inReverse(new Rig(subject, options), pair);
          });
        }
        if (room < 2) continue;
        it(`${what}: the oldest first ${nestTogether(contract, pair) ? 'is unmap-order' : 'works too'}`, () => {
          inOrder(new Rig(subject, options), pair, contract);
        });
      }
    });
  }
};
