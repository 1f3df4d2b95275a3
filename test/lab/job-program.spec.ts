import { expect } from 'chai';
import { exhaustive, explore } from 'scatterlist/explore';
import { JOBS, JOB_IDS, jobProgram } from 'scatterlist/lab';
import sfBuf from '../../examples/lab/sf-buf.ts';
import sgMap2017 from '../../examples/lab/sg-map-2017.ts';
import typedSgMap from '../../examples/lab/typed-sg-map.ts';
import { machineOf } from '../../lib/lab/job-program.ts';

describe('jobProgram', () => {
  it('has an actor for each user: a task, or a softirq on top of one', () => {
    for (const job of JOB_IDS) {
      const { name, tasks, interrupts } = jobProgram(typedSgMap, job, { users: 2 });
      expect(name).to.equal(`typed-sg-map, ${JOBS[job].name}`);
      const isTask = JOBS[job].runsIn === 'task';
      expect(Object.keys(tasks)).to.deep.equal(isTask ? ['user0', 'user1'] : ['interrupted']);
      expect(Object.keys(interrupts ?? {})).to.deep.equal(isTask ? ['device'] : ['softirq0', 'softirq1']);
    }
  });

  it('runs on a small machine, with the options that were asked for', () => {
    expect(machineOf('cursor', { machine: { pkmapSlots: 2 } })).to.include({ pkmapSlots: 2, cpus: 1 });
    const madeFor = { protectedPages: 4, pkmapSlots: 4 };
    expect(machineOf('cursor', {}, madeFor)).to.include({ ...madeFor, cpus: 1 });
    expect(machineOf('cursor', { machine: { pkmapSlots: 2 } }, madeFor)).to.include({
      protectedPages: 4,
      pkmapSlots: 2,
    });
  });

  it('is explored to the end: every interrupt at every point', () => {
    for (const job of ['sharedView', 'mustNotSleep', 'cursor'] as const) {
      const outcome = explore(jobProgram(typedSgMap, job), exhaustive(), { budget: { schedules: 2000 } });
      expect(outcome.kind, job).to.equal('exhausted');
    }
  });

  it('pauses before the calls of a task only, not in a softirq', () => {
    const program = jobProgram(sfBuf, 'mustNotSleep', { preemptible: true });
    const outcome = explore(program, exhaustive(), { budget: { schedules: 2000 } });
    expect(outcome.kind).to.equal('exhausted');
  });

  it('pauses where tasks may, also before a function of the library that waits', () => {
    const program = jobProgram(typedSgMap, 'sharedView', { preemptible: true });
    const outcome = explore(program, exhaustive(), { budget: { schedules: 2000 } });
    expect(outcome.kind).to.equal('exhausted');
  });

  it('judges the end of each order: bytes, buffers and maps', () => {
    const lies = {
      ...typedSgMap,
      start: (...given: Parameters<typeof typedSgMap.start>) => {
        const session = typedSgMap.start(...given);
        return { ...session, runs: session.runs.map((run) => ({ ...run, work: () => 0 })) };
      },
    };
    const outcome = explore(jobProgram(lies, 'copyResponse'), exhaustive(), { budget: { schedules: 9 } });
    expect(outcome.kind === 'violation' && outcome.violation.what).to.match(
      /user0 returned success, and byte/,
    );
  });

  it('shows two users that hold maps and wait for one more', () => {
    const program = jobProgram(sgMap2017, 'manyMaps', {
      users: 2,
      preemptible: true,
      machine: { pkmapSlots: 4 },
    });
    const outcome = explore(program, exhaustive(), { budget: { schedules: 2000 } });
    expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('deadlock');
  });
});
