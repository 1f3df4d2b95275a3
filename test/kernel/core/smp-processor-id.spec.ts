import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine, MachineOptions, Task } from 'scatterlist';
import { defineProgram, explore } from 'scatterlist/explore';
import {
  kmap,
  kmapAtomic,
  kmapLocalPage,
  localBhDisable,
  localIrqDisable,
  migrateDisable,
  preemptDisable,
  preemptEnable,
  smpProcessorId,
} from 'scatterlist/machine';
import { rulesOf } from '../violations.ts';

type Zone = 'highmem' | 'lowmem';

/** The rules that a read of the CPU number breaks on a machine after `before`. */
function brokenAfter(
  before: (task: Task, machine: Machine) => void,
  options: MachineOptions = {},
): readonly string[] {
  const machine = createMachine({ cpus: 2, onViolation: 'record', ...options });
  const task = machine.task('one', { cpu: 1 });
  before(task, machine);
  expect(smpProcessorId(task)).to.equal(1);
  return rulesOf(machine);
}

describe('smpProcessorId', () => {
  it('is reported in a task that can be moved', () => {
    expect(brokenAfter(() => undefined)).to.deep.equal(['preemptible-cpu']);
  });

  for (const disable of [preemptDisable, migrateDisable, localIrqDisable, localBhDisable])
    it(`returns the CPU after ${disable.name}`, () => {
      expect(brokenAfter((task) => disable(task))).to.deep.equal([]);
    });

  for (const kind of ['softirq', 'hardirq', 'nmi'] as const)
    it(`returns the CPU in a ${kind}`, () => {
      const machine = createMachine();
      machine.interrupt(kind, (irq) => {
        expect(smpProcessorId(irq)).to.equal(0);
      });
    });

  const maps: readonly (readonly [string, (task: Task, machine: Machine, zone: Zone) => unknown])[] = [
    ['kmap_atomic', (task, machine, zone) => kmapAtomic(task, machine.allocPage({ zone }))],
    ['kmap_local', (task, machine, zone) => kmapLocalPage(task, machine.allocPage({ zone }))],
    ['kmap', (task, machine, zone) => [...kmap(task, machine.allocPage({ zone }))]],
  ];
  for (const [name, map] of maps)
    for (const zone of ['highmem', 'lowmem'] as const)
      for (const semantics of ['strict', 'compatible'] as const)
        for (const preemptRt of [false, true]) {
          // Linux accepts that the slot of a highmem page keeps the task on its CPU.
          const isKept =
            name === 'kmap_atomic' ||
            (name === 'kmap_local' && zone === 'highmem' && semantics === 'compatible');
          it(`is ${isKept ? 'accepted' : 'reported'} under ${name}, ${zone}, ${semantics}${preemptRt ? ', RT' : ''}`, () => {
            const broken = brokenAfter((task, machine) => map(task, machine, zone), { semantics, preemptRt });
            expect(broken).to.deep.equal(isKept ? [] : ['preemptible-cpu']);
          });
        }

  it('is explored on each CPU to which the task can be moved', () => {
    const seen = new Set<number>();
    const outcome = explore(
      defineProgram<{ at: number }>({
        machine: { cpus: 2 },
        migrate: true,
        setup: () => ({ at: -1 }),
        tasks: {
          *one(env) {
            yield;
            preemptDisable(env.task);
            env.at = smpProcessorId(env.task);
            preemptEnable(env.task);
          },
        },
        check: ({ at }) => seen.add(at).size > 0,
      }),
    );
    expect([outcome.kind, [...seen].sort()]).to.deep.equal(['exhausted', [0, 1]]);
  });
});
