import { expect } from 'chai';
import { createMachine, ViolationError } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { Completion, SpinLock } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { runProgram } from '../../lib/ports/run-program.ts';

/** The order in which the actors of a program wrote to `log`. */
function logOf(
  program: Partial<Program<{ readonly log: string[] }>>,
  options: MachineOptions = {},
): string[] {
  const log: string[] = [];
  const whole: Program<{ readonly log: string[] }> = { setup: () => ({ log }), tasks: {}, ...program };
  runProgram(whole, createMachine(options));
  return log;
}

describe('runProgram', () => {
  it('lets each actor take a step in turn', () => {
    const steps = (name: string) =>
      function* body({ log }: { readonly log: string[] }): Generator<undefined, void> {
        for (let i = 0; i < 2; i += 1) {
          log.push(`${name}${String(i)}`);
          yield;
        }
      };
    expect(logOf({ tasks: { a: steps('a'), b: steps('b') }, devices: { card: steps('c') } })).to.deep.equal([
      'a0',
      'b0',
      'c0',
      'a1',
      'b1',
      'c1',
    ]);
  });

  for (const preemptRt of [false, true])
    it(`delivers a raised interrupt ${preemptRt ? 'in a thread' : 'on top of its CPU'}`, () => {
      const log = logOf(
        {
          tasks: {
            *a({ raise, log: lines, machine, task }) {
              const done = new Completion(machine, 'done');
              lines.push('raises');
              raise('irq');
              done.complete(task);
              yield* done.wait(task);
              yield;
              lines.push('ends');
            },
          },
          interrupts: {
            irq: {
              kind: 'hardirq',
              onlyRaised: true,
              run({ irq, log: lines }) {
                lines.push(irq.kind);
              },
            },
          },
        },
        { preemptRt },
      );
      expect(log).to.deep.equal(['raises', preemptRt ? 'task' : 'hardirq', 'ends']);
    });

  it('reports actors that wait for ever', () => {
    const run = (): unknown =>
      runProgram(
        {
          tasks: {
            *a({ machine, task }) {
              yield* new Completion(machine, 'a page').wait(task);
            },
          },
        },
        createMachine(),
      );
    expect(run)
      .to.throw(ViolationError)
      .with.nested.property('violation.what', '"a" waits for a page and no actor is left that can go on');
  });

  it('does not run a task on the CPU of one that must not be preempted', () => {
    const log: string[] = [];
    const program: Program<{ readonly lock: SpinLock }> = {
      setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
      tasks: {
        *a({ lock, task }) {
          yield* lock.lock(task);
          yield;
          log.push('a');
          lock.unlock(task);
        },
        *b() {
          log.push('b');
          yield;
        },
      },
    };
    runProgram(program, createMachine({ cpus: 1 }));
    expect(log).to.deep.equal(['a', 'b']);
  });

  it('stops where it is told to', () => {
    const log = logOf({});
    expect(log).to.deep.equal([]);
    let steps = 0;
    runProgram(
      {
        tasks: {
          *a() {
            for (;;) yield;
          },
        },
      },
      createMachine(),
      () => (steps += 1) === 7,
    );
    expect(steps).to.equal(7);
  });

  it('refuses to raise what is not there', () => {
    const run = (): unknown =>
      runProgram(
        {
          tasks: {
            *a({ raise }) {
              raise('irq');
              yield;
            },
          },
        },
        createMachine(),
      );
    expect(run).to.throw('no interrupt "irq" in this program');
  });
});
