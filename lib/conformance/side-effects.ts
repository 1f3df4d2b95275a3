/**
 * Clause: while a highmem page is mapped, exactly what the contract lists is disabled, and the release
 * restores it.
 */
import type { MachineOptions } from '../machine/config.ts';
import type { SideEffect } from '../mapping/contract.ts';
import { check, same } from './check.ts';
import type { Clause } from './clause.ts';
import { Rig, mappableKinds } from './rig.ts';

type Counts = { readonly [E in SideEffect]: number };

const EFFECTS: readonly SideEffect[] = ['preemption', 'migration', 'pageFaults'];

function counts(rig: Rig): Counts {
  const { preemptCount, migrateDisabled, pagefaultDisabled } = rig.task.state();
  return { preemption: preemptCount, migration: migrateDisabled, pageFaults: pagefaultDisabled };
}

function sameCounts(got: Counts, want: Counts, when: string): void {
  for (const effect of EFFECTS) same(got[effect], want[effect], `${effect} disable count ${when}`);
}

function disables(rig: Rig, listed: readonly SideEffect[]): void {
  const before = counts(rig);
  const mapping = rig.map(rig.page('highmem'), 0, 64);
  const during = counts(rig);
  for (const effect of EFFECTS) {
    const claimed = listed.includes(effect);
    check(
      claimed ? during[effect] > before[effect] : during[effect] === before[effect],
      `${effect} count went from ${String(before[effect])} to ${String(during[effect])}; the contract says that a mapping ${claimed ? 'disables' : 'leaves'} it`,
    );
  }
  rig.backend.unmap(mapping);
  sameCounts(counts(rig), before, 'after the release');
  rig.checkClean('afterwards');
}

function restores(rig: Rig): void {
  const before = counts(rig);
  for (const kind of mappableKinds(rig.backend.contract)) {
    rig.backend.unmap(rig.map(rig.page(kind), 0, 64));
    sameCounts(counts(rig), before, `after a map and release of ${kind}`);
  }
  rig.checkClean('afterwards');
}

/** What a mapping disables. */
export const sideEffects: Clause = ({ describe, it, subject, contract }) => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const preemptRt of [false, true]) {
      const options: MachineOptions = { mode, preemptRt };
      const listed = preemptRt ? contract.disablesRt : contract.disables;
      describe(`${mode}, ${preemptRt ? 'PREEMPT_RT' : 'PREEMPT'}`, () => {
        it('every count is restored by the release', () => {
          restores(new Rig(subject, options));
        });
        if (mappableKinds(contract).includes('highmem')) {
          it(`a mapping disables ${listed.length === 0 ? 'nothing' : listed.join(', ')}`, () => {
            disables(new Rig(subject, options), listed);
          });
        } else {
          it('no side effect is declared, since no highmem page is ever mapped', () => {
            same(listed.length, 0, 'declared side effects');
          });
        }
      });
    }
  }
};
