import { expect } from 'chai';
import { Execution } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { STOP } from '../../../lib/explore/world.ts';

/** Names of what the step of each task reads and writes. */
function touchedBy(program: Program): readonly { readonly reads: string[]; readonly writes: string[] }[] {
  return Object.keys(program.tasks).map((_, i) => {
    const world = new Execution(program);
    world.begin(() => STOP);
    world.take(i);
    const { reads, writes } = world.footprint!.pack((id) => world.resources.name(id));
    return { reads: [...reads], writes: [...writes] };
  });
}

describe('StepWatch', () => {
  it('says that a step of a task writes the task, and reads its CPU where a switch there has no effect', () => {
    const [step] = touchedBy({ tasks: { *task() {} } });
    expect(step?.writes).to.include('actor 0');
    expect(step?.reads).to.include('cpu 0');
    expect(step?.writes).to.not.include('cpu 0');
  });

  it('says that a step writes a CPU that it leaves with preemption disabled', () => {
    const [step] = touchedBy({
      allow: ['count-imbalance'],
      tasks: {
        *task({ task }) {
          task.preemptCount += 1;
          yield;
          task.preemptCount -= 1;
        },
      },
    });
    expect(step?.writes).to.include('cpu 0');
  });

  it('says that every step reads what cannot be watched, and which one writes it', () => {
    const bytes = new Uint8Array(2);
    const steps = touchedBy({
      setup: () => {
        bytes.fill(0);
        return { bytes };
      },
      tasks: {
        *reader() {},
        *writer({ machine, task }) {
          const page = machine.allocPage({ zone: 'highmem' });
          kunmapLocal(task, kmapLocalPage(task, page));
          bytes[0] = 1;
        },
      },
    });
    expect(steps.map(({ reads }) => reads.includes('opaque'))).to.deep.equal([true, true]);
    expect(steps.map(({ writes }) => writes.includes('opaque'))).to.deep.equal([false, true]);
  });
});
