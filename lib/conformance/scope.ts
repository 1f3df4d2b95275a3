/**
 * Clause: addresses are valid where the contract says, and their use or release elsewhere is reported.
 */
import type { Context, ContextKind } from '../kernel/core/machine.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { RuleId } from '../machine/rules.ts';
import type { WindowScope } from '../kernel/window/mechanism.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { termsFor } from '../mapping/contract.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { sgInitTable, sgSetPage } from '../scatterlist/list/entry.ts';
import type { SgEntry } from '../scatterlist/list/sg-array.ts';
import { sgMap, sgUnmap } from '../scatterlist/map/sg-map.ts';
import { SgMiter } from '../scatterlist/map/sg-miter.ts';
import { breaks, check, same, valueOf } from './check.ts';
import type { Clause } from './clause.ts';
import { ATOMIC } from './contexts.ts';
import { Rig, mappableKinds } from './rig.ts';

interface Elsewhere {
  readonly title: string;
  /** The rule that using a mapping there breaks, by its scope; `undefined` if it is valid there. */
  readonly breaks: { readonly [S in WindowScope]: RuleId | undefined };
  readonly enter: (rig: Rig, body: (context: Context) => void) => void;
}

function interrupt(kind: Exclude<ContextKind, 'task'>, cpu = 0): Elsewhere {
  return {
    title: `a ${kind} on the same CPU`,
    breaks: { global: undefined, task: 'wrong-task', cpu: undefined },
    enter: (rig, body) => {
      rig.machine.enter(rig.task);
      rig.machine.interrupt(kind, body, { cpu });
    },
  };
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
  interrupt('softirq'),
];

/** For releases, which are less often looked at in handlers than accesses are. */
const MORE_INTERRUPTS: readonly Elsewhere[] = [
  interrupt('hardirq'),
  interrupt('nmi'),
  {
    ...interrupt('softirq', 1),
    title: 'a softirq on another CPU',
    breaks: { global: undefined, task: 'wrong-cpu', cpu: 'wrong-cpu' },
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

/** One entry over a few bytes of a page. */
function entryOver(page: Page): SgEntry {
  const entry = sgInitTable(1).entry(0);
  sgSetPage(entry, page, 64);
  return entry;
}

/** A way to release that names no context, so that the executing context releases. */
interface Release {
  readonly title: string;
  /** Maps the entry; what it returns releases that. */
  readonly hold: (rig: Rig, entry: SgEntry) => () => void;
}

function holdMapped(rig: Rig, entry: SgEntry): Mapping {
  return valueOf(sgMap(entry, 0, rig.backend), 'sgMap');
}

function holdChunk(rig: Rig, entry: SgEntry): SgMiter<MapBackend, MemoryKind> {
  const it = new SgMiter(entry, rig.backend, 'fromSg', 1);
  check(valueOf(it.next(), 'SgMiter.next'), 'the iterator has no chunk');
  return it;
}

const RELEASES: readonly Release[] = [
  {
    title: 'sgUnmap',
    hold: (rig, entry) => {
      const mapping = holdMapped(rig, entry);
      return () => {
        sgUnmap(mapping);
      };
    },
  },
  {
    title: 'using',
    hold: (rig, entry) => {
      const mapping = holdMapped(rig, entry);
      return () => {
        mapping[Symbol.dispose]();
      };
    },
  },
  {
    title: 'SgMiter.stop',
    hold: (rig, entry) => {
      const it = holdChunk(rig, entry);
      return () => {
        it.stop();
      };
    },
  },
  {
    title: 'SgMiter.next',
    hold: (rig, entry) => {
      const it = holdChunk(rig, entry);
      return () => {
        check(!valueOf(it.next(), 'SgMiter.next'), 'a second chunk');
      };
    },
  },
  {
    title: 'unmap of the backend',
    hold: (rig, entry) => {
      const mapping = holdMapped(rig, entry);
      return () => {
        rig.backend.unmap(mapping);
      };
    },
  },
];

// Where the other context may release, it does so itself: no other context runs meanwhile. Where it may not, that is
// reported, and the owner still holds the mapping.
function releaseElsewhere(rig: Rig, kind: MemoryKind, place: Elsewhere, { title, hold }: Release): void {
  const { contract } = rig.backend;
  const release = hold(rig, entryOver(rig.page(kind)));
  // While preemption is disabled no other task can run here in the first place.
  if (place.title.startsWith('another task') && rig.task.preemptCount > 0) {
    release();
    rig.checkClean('afterwards');
    return;
  }
  const rule = place.breaks[termsFor(contract, kind).scope];
  place.enter(rig, (context) => {
    const what = `${title} by ${place.title}`;
    if (rule !== undefined) breaks([rule], release, what);
    else if (contract.contexts.includes(context.kind)) release();
    else breaks(ATOMIC, release, what);
    same(rig.machine.executing.name, context.name, `who executes after ${what}`);
  });
  const isHeld = rule !== undefined || rig.machine.liveMappings > 0;
  same(rig.machine.liveMappings, isHeld ? 1 : 0, 'live mappings after the release by another context');
  if (isHeld) release();
  rig.checkClean('afterwards');
}

function releaseThroughOther(rig: Rig, kind: MemoryKind, scope: WindowScope): void {
  const mapping = rig.mapMarked(rig.page(kind), 9);
  const far = rig.machine.task('far', { cpu: 1 });
  rig.machine.enter(far);
  if (scope === 'global') rig.backendIn(far).unmap(mapping);
  else {
    breaks(
      ['wrong-cpu'],
      () => {
        rig.backendIn(far).unmap(mapping);
      },
      'release on another CPU',
    );
    rig.machine.enter(rig.task);
    rig.backend.unmap(mapping);
  }
  rig.checkClean('afterwards');
}

/** The tests of where addresses are valid. */
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
      releaseThroughOther(new Rig(subject, { mode: 'checked', cpus: 2 }), kind, where);
    });
    for (const mode of ['checked', 'direct'] as const) {
      for (const place of [...PLACES, ...MORE_INTERRUPTS]) {
        for (const release of RELEASES) {
          const rule = place.breaks[where];
          it(`${mode}, ${kind} (${where}): ${release.title} by ${place.title} ${rule === undefined ? 'is as the contexts say' : `is ${rule}`}`, () => {
            releaseElsewhere(new Rig(subject, { mode, cpus: 2 }), kind, place, release);
          });
        }
      }
    }
  }
};
