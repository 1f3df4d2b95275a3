/** What is tested of every job: it can be done, and its judgement of every byte. */
import { expect } from 'chai';
import { restore, spy } from 'sinon';
import { createMachine } from 'scatterlist';
import type { Page } from 'scatterlist';
import { JOBS, defineCallSites, defineFacade, runJob } from 'scatterlist/lab';
import type { CallSites, Candidate, JobId } from 'scatterlist/lab';
import copyOnly from '../../../examples/lab/copy-only.ts';
import { machineOf } from '../../../lib/lab/job-program.ts';
import { JOB_IDS } from '../../../lib/lab/jobs.ts';

/** A design without functions, whose call sites all do the same. */
function allReturn(errno: number): Candidate {
  const facade = defineFacade({
    name: 'idle',
    title: 'idle',
    source: 'a test',
    simplifies: 'Everything.',
    open: () => ({}),
  });
  const sites = Object.fromEntries(JOB_IDS.map((id) => [id, () => errno])) as unknown as CallSites<object>;
  return defineCallSites(facade, sites);
}

/** Tests a job. */
export function describeJob(id: JobId): void {
  const job = JOBS[id];

  it('says what it is and which code in Linux does it', () => {
    expect(job.name).to.equal(id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
    for (const text of [job.title, job.about, job.follows]) expect(text).to.have.length.above(8);
  });

  it('is done by copying, and then all bytes are right', () => {
    expect(runJob(copyOnly, id).outcome).to.deep.equal({ kind: 'done' });
  });

  it('is not done if nothing was done', () => {
    expect(runJob(allReturn(0), id).outcome.kind).to.equal('wrong');
    expect(runJob(allReturn(-5), id).outcome).to.deep.equal({ kind: 'refused', errno: -5 });
  });

  it('notices each byte that should not have changed', () => {
    const machine = createMachine(machineOf(id));
    const taken = [spy(machine, 'allocPages'), spy(machine, 'ioRegion')];
    const { runs } = copyOnly.start(id, machine);
    const pages = taken.flatMap(({ returnValues }) => returnValues.flat() as Page[]);
    restore();
    const [run] = runs;
    expect(pages).to.not.be.empty;
    expect(run?.changed()).to.be.false;
    for (const page of pages) {
      for (const at of [0, machine.pageSize - 1]) {
        const bytes = machine.physical(page);
        bytes[at] = (bytes[at] ?? 0) ^ 0xff;
        expect(run?.changed(), `byte ${String(at)}`).to.be.true;
        expect(run?.wrong(), `byte ${String(at)}`).to.be.a('string');
        bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      }
    }
    expect(run?.changed()).to.be.false;
  });
}
