/**
 * Clause: addresses hold where the contract says, and their use elsewhere is found.
 */
import type { Context } from '../kernel/machine.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { RuleId } from '../machine/rules.ts';
import type { WindowScope } from '../kernel/window.ts';
import { termsFor } from '../mapping/contract.ts';
import { breaks, same } from './check.ts';
import type { Clause } from './clause.ts';
import { Rig, mappableKinds } from './rig.ts';

interface Elsewhere {
  readonly title: string;
  /** What using a mapping there breaks, by its scope; nothing where it holds there. */
  readonly breaks: { readonly [S in WindowScope]: RuleId | undefined };
  readonly enter: (rig: Rig, body: (context: Context) => void) => void;
}

const PLACES: readonly Elsewhere[] = [
  {
    title: 'another task on the same CPU',
    breaks: { global: undefined, task: 'wrong-task', cpu: undefined },
    enter: (rig, body) => {
      const other = rig.machine.task('other');
      rig.machine.enter(other);
      body(other);
      rig.machine.enter(rig.task);
    },
  },
  {
    title: 'a task on another CPU',
    breaks: { global: undefined, task: 'wrong-cpu', cpu: 'wrong-cpu' },
    enter: (rig, body) => {
      const other = rig.machine.task('far', { cpu: 1 });
      rig.machine.enter(other);
      body(other);
      rig.machine.enter(rig.task);
    },
  },
  {
    title: 'an interrupt on the same CPU',
    breaks: { global: undefined, task: 'wrong-task', cpu: undefined },
    enter: (rig, body) => {
      rig.machine.enter(rig.task);
      rig.machine.interrupt('softirq', body);
    },
  },
];

function use(rig: Rig, kind: MemoryKind, place: Elsewhere, scope: WindowScope): void {
  const mapping = rig.mapMarked(rig.page(kind), 17);
  same(mapping.load8(0), 17, 'at home the mapping reads');
  // While preemption is disabled no other task can run here in the first place.
  const pinned = place.title.startsWith('another task') && rig.task.preemptCount > 0;
  const rule = place.breaks[scope];
  if (pinned) {
    breaks(
      ['sleep-in-atomic'],
      () => {
        rig.machine.enter(rig.machine.task('other'));
      },
      'a switch to another task',
    );
  } else {
    place.enter(rig, () => {
      if (rule === undefined) same(mapping.load8(0), 17, `from ${place.title} the mapping reads`);
      else {
        for (const write of [false, true]) {
          breaks(
            [rule],
            () => {
              if (write) mapping.store8(0, 1);
              else mapping.load8(0);
            },
            `${write ? 'writing' : 'reading'} from ${place.title}`,
          );
        }
      }
    });
  }
  same(mapping.load8(0), 17, 'back home the mapping reads');
  rig.backend.unmap(mapping);
  rig.checkClean('afterwards');
}

function releaseElsewhere(rig: Rig, kind: MemoryKind, scope: WindowScope): void {
  const mapping = rig.mapMarked(rig.page(kind), 9);
  const far = rig.machine.task('far', { cpu: 1 });
  if (scope === 'global') rig.backendIn(far).unmap(mapping);
  else {
    breaks(
      ['wrong-cpu'],
      () => {
        rig.backendIn(far).unmap(mapping);
      },
      'release on another CPU',
    );
    rig.backend.unmap(mapping);
  }
  rig.checkClean('afterwards');
}

/** Where addresses hold. */
export const scope: Clause = ({ it, subject, contract }) => {
  for (const kind of mappableKinds(contract)) {
    const where = termsFor(contract, kind).scope;
    for (const place of PLACES) {
      const rule = place.breaks[where];
      it(`${kind} (${where}): use from ${place.title} ${rule === undefined ? 'works' : `is ${rule}`}`, () => {
        use(new Rig(subject, { mode: 'checked', cpus: 2 }), kind, place, where);
      });
    }
    it(`${kind} (${where}): release from another CPU ${where === 'global' ? 'works' : 'is wrong-cpu'}`, () => {
      releaseElsewhere(new Rig(subject, { mode: 'checked', cpus: 2 }), kind, where);
    });
  }
};
