/**
 * Clause: mapping works in the contexts declared, and in no other.
 */
import type { Context, ContextKind } from '../kernel/core/machine.ts';
import { preemptDisable, preemptEnable } from '../kernel/core/preempt.ts';
import { runAlone } from '../kernel/core/run-alone.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { RuleId } from '../machine/rules.ts';
import { breaks, same, valueOf } from './check.ts';
import { capacity } from './capacity.ts';
import type { Clause } from './clause.ts';
import { Rig, mappableKinds } from './rig.ts';

/** The rules that sleeping in a wrong context can break. */
export const ATOMIC: readonly RuleId[] = ['kmap-in-atomic', 'sleep-in-atomic'];

interface Place {
  readonly title: string;
  /** The kind that a contract must list so that mapping is allowed here. */
  readonly needs: ContextKind;
  readonly run: (rig: Rig, body: (context: Context) => void) => void;
}

function interrupt(kind: Exclude<ContextKind, 'task'>): Place {
  return {
    title: kind,
    needs: kind,
    run: (rig, body) => {
      rig.machine.enter(rig.task);
      rig.machine.interrupt(kind, body);
    },
  };
}

const PLACES: readonly Place[] = [
  {
    title: 'task',
    needs: 'task',
    run: (rig, body) => {
      body(rig.task);
    },
  },
  {
    title: 'task with preemption disabled',
    needs: 'softirq',
    run: (rig, body) => {
      preemptDisable(rig.task);
      body(rig.task);
      preemptEnable(rig.task);
    },
  },
  interrupt('softirq'),
  interrupt('hardirq'),
  interrupt('nmi'),
];

function works(rig: Rig, page: Page, context: Context): void {
  const backend = rig.backendIn(context);
  const mapping = rig.map(page, 0, 64, backend);
  mapping.store8(5, mapping.load8(4) + 1);
  backend.unmap(mapping);
  const waited = valueOf(runAlone(context, backend.mapWait(page, 8, 8)), 'mapWait');
  same(waited.load8(0), 0, 'a fresh page reads');
  backend.unmap(waited);
  same(rig.machine.physical(page)[5], 1, 'the byte written is');
}

function isViolation(rig: Rig, page: Page, context: Context): void {
  const backend = rig.backendIn(context);
  breaks(
    ATOMIC,
    () => {
      rig.map(page, 0, 64, backend);
    },
    'map',
  );
  breaks(
    ATOMIC,
    () => {
      void runAlone(context, backend.mapWait(page, 0, 64));
    },
    'mapWait',
  );
  same(rig.machine.liveMappings, 0, 'live mappings after the refusal');
}

// The task holds a mapping the whole time. Interrupts nest on top of it, and it must stay intact.
function onTop(rig: Rig, kind: MemoryKind, place: Place): void {
  const held = rig.mapMarked(rig.page(kind), 42);
  const page = rig.page(kind);
  place.run(rig, (context) => {
    works(rig, page, context);
  });
  rig.machine.enter(rig.task);
  same(held.load8(0), 42, 'the mapping of the interrupted task reads');
  rig.backend.unmap(held);
}

/** Contexts. */
export const contexts: Clause = ({ describe, it, subject, contract }) => {
  for (const mode of ['checked', 'direct'] as const) {
    describe(mode, () => {
      for (const place of PLACES) {
        const claimed = contract.contexts.includes(place.needs);
        for (const kind of mappableKinds(contract)) {
          it(`${place.title}: ${kind} ${claimed ? 'is mapped and released' : 'is a violation'}`, () => {
            const rig = new Rig(subject, { mode });
            const page = rig.page(kind);
            place.run(rig, (context) => {
              if (claimed) works(rig, page, context);
              else isViolation(rig, page, context);
            });
            rig.checkClean('afterwards');
          });
          if (!claimed) {
            it(`${place.title}: releasing ${kind} is a violation, too`, () => {
              const rig = new Rig(subject, { mode });
              const mapping = rig.map(rig.page(kind), 0, 64);
              place.run(rig, (context) => {
                breaks(
                  ATOMIC,
                  () => {
                    rig.backendIn(context).unmap(mapping);
                  },
                  'unmap',
                );
              });
              rig.backend.unmap(mapping);
              rig.checkClean('afterwards');
            });
          } else if (place.title !== 'task' && capacity(contract, kind, { ...subject.machine, mode }) > 1) {
            it(`${place.title}: ${kind} is mapped on top of the task's own mapping`, () => {
              const rig = new Rig(subject, { mode });
              onTop(rig, kind, place);
              rig.checkClean('afterwards');
            });
          }
        }
      }
    });
  }
};
