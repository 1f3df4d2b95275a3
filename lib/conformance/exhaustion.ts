/**
 * Clause: exactly as many mappings as declared can be held, and one more fails as declared.
 */
import type { MachineOptions } from '../machine/config.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { termsFor } from '../mapping/contract.ts';
import type { Contract } from '../mapping/contract.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { check, errorOf, ruleBroken, same } from './check.ts';
import type { Clause } from './clause.ts';
import { capacity } from './capacity.ts';
import { checkNumbers } from './error-numbers.ts';
import { smallPools } from './pools.ts';
import { Rig, mappableKinds } from './rig.ts';

/** The number of mappings to hold if there is no limit. */
const MANY = 60;
/** What the clauses map when only the number of mappings matters. */
export const FEW_BYTES = 16;

/** Maps a few bytes of `count` pages of a kind, each with its mark. */
export function hold(rig: Rig, kind: MemoryKind, count: number): readonly Mapping[] {
  return rig.pages(kind, count).map((page, i) => {
    rig.machine.physical(page)[0] = i + 1;
    return rig.map(page, 0, FEW_BYTES);
  });
}

/** Releases the mappings of `hold`, newest first, and checks each mark. */
export function release(rig: Rig, held: readonly Mapping[]): void {
  for (const [i, mapping] of [...held.entries()].reverse()) {
    same(mapping.load8(0), i + 1, `mapping ${String(i)} of ${String(held.length)} reads`);
    rig.backend.unmap(mapping);
  }
}

function oneTooMany(rig: Rig, kind: MemoryKind, most: number, contract: Contract): void {
  const { beyond, limitedBy } = termsFor(contract, kind).nesting;
  const page = rig.page(kind);
  if (beyond === 'violation') {
    const rule = ruleBroken(() => {
      const mapped = rig.backend.map(page, 0, FEW_BYTES);
      check(mapped.ok, 'an error where the contract says violation');
    });
    check(rule !== undefined, 'one mapping too many broke no rule');
    if (limitedBy === 'localSlots') same(rule, 'slot-overflow', 'the rule broken');
    return;
  }
  for (let again = 0; again < 3; again += 1) {
    const error = errorOf(rig.backend.map(page, 0, FEW_BYTES), 'one mapping too many');
    same(error.code, beyond, 'error of one mapping too many');
    const full = { limitedBy, most, config: rig.machine.config, waiting: 0 };
    checkNumbers(error, { page, lengthBytes: FEW_BYTES, full });
  }
}

function fillAndExceed(rig: Rig, kind: MemoryKind, most: number, contract: Contract): void {
  const held = hold(rig, kind, most);
  const before = rig.machine.liveMappings;
  oneTooMany(rig, kind, most, contract);
  same(rig.machine.liveMappings, before, 'live mappings after the refusal');
  for (const other of mappableKinds(contract)) {
    if (capacity(contract, other, rig.machine.config) < Infinity) continue;
    rig.backend.unmap(rig.map(rig.page(other), 0, FEW_BYTES));
  }
  const newest = held[most - 1];
  check(newest !== undefined, 'nothing held');
  rig.backend.unmap(newest);
  const instead = rig.mapMarked(rig.page(kind), most);
  release(rig, [...held.slice(0, -1), instead]);
}

function describeOptions(options: MachineOptions, contract: Contract, kind: MemoryKind): string {
  const { limitedBy } = termsFor(contract, kind).nesting;
  const forced = options.forceMap === true ? ', forced maps' : '';
  if (limitedBy === 'localSlots') return `kmMaxIdx ${String(options.kmMaxIdx)}${forced}`;
  if (typeof limitedBy === 'number' || limitedBy === 'nothing') return `limit ${String(limitedBy)}${forced}`;
  return `${limitedBy} ${String(options[limitedBy])}${forced}`;
}

/** The limit, exactly. */
export const exhaustion: Clause = ({ describe, it, subject, contract }) => {
  for (const mode of ['checked', 'direct'] as const) {
    describe(mode, () => {
      for (const pools of smallPools(contract, subject.machine)) {
        const options: MachineOptions = { ...pools, mode };
        for (const kind of mappableKinds(contract)) {
          const most = capacity(contract, kind, options);
          const { beyond } = termsFor(contract, kind).nesting;
          const where = describeOptions(options, contract, kind);
          if (most === Infinity) {
            it(`${kind} is not limited (${where})`, () => {
              const rig = new Rig(subject, options);
              release(rig, hold(rig, kind, MANY));
              rig.checkClean('afterwards');
            });
            continue;
          }
          it(`${kind}: ${String(most)} can be held, one more is ${beyond === 'violation' ? 'a violation' : beyond} (${where})`, () => {
            const rig = new Rig(subject, options);
            fillAndExceed(rig, kind, most, contract);
            same(rig.machine.liveMappings, 0, 'live mappings at the end');
            rig.machine.checkLeaks();
          });
        }
      }
    });
  }
  it('a limit that is declared is one that some kind of memory meets', () => {
    const { beyond } = contract.nesting;
    if (beyond === 'none' || beyond === 'violation') return;
    const meets = mappableKinds(contract).filter((kind) => contract.errors[kind].includes(beyond));
    check(meets.length > 0, `nesting.beyond is ${beyond}, but no kind of memory lists it`);
  });
};
