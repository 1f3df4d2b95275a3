/** What is tested of every design with its call sites. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Edit, JOBS, JOB_IDS, edited, failEach, runJob } from 'scatterlist/lab';
import type { Candidate, JobId, JobOutcome } from 'scatterlist/lab';

/** An outcome in a few words: `done`, `half -121`, `violation unmap-address`, `asserted`. */
function shortly(outcome: JobOutcome): string {
  switch (outcome.kind) {
    case 'refused':
    case 'half':
      return `${outcome.kind} ${String(outcome.errno)}`;
    case 'violation':
    case 'hung':
      return `${outcome.kind} ${outcome.violation.rule}`;
    default:
      return outcome.kind;
  }
}

/** What is special about a design. */
export interface Special {
  /** Outcomes of jobs that are not `done`, each with a comment why. */
  readonly outcomes?: Readonly<Partial<Record<JobId, string>>>;
  /** Jobs that it cannot do. */
  readonly cannot?: readonly JobId[];
  /** Outcomes of runs with a failure that are neither `refused`, `half` nor `done`, by job and call. */
  readonly failures?: Readonly<Partial<Record<JobId, readonly string[]>>>;
}

/** Tests a design: each job, each failure of each job, and that its wrong programs can be made. */
export function describeFacade(candidate: Candidate, special: Special = {}): void {
  const { outcomes = {}, cannot = [], failures = {} } = special;
  const { facade } = candidate;

  describe(`the jobs with ${facade.title}`, () => {
    it('says where the design is from and what is simpler here', () => {
      expect(facade.source).to.have.length.above(10);
      expect(facade.simplifies).to.match(/^[A-Z].*\.$/s);
    });

    it('cannot do only what is expected of it', () => {
      expect(JOB_IDS.filter((job) => candidate.cannot(job) !== undefined)).to.deep.equal(cannot);
    });

    for (const job of JOB_IDS.filter((id) => !cannot.includes(id))) {
      const expected = outcomes[job] ?? 'done';
      it(`${JOBS[job].title}: ${expected}`, () => {
        expect(shortly(runJob(candidate, job).outcome)).to.equal(expected);
      });

      it(`${JOBS[job].title}: each failure leaves everything given back`, () => {
        const clean = ['done', 'refused', 'half'];
        const odd = failEach(candidate, job)
          .map(({ outcome }) => outcome)
          .filter(({ kind }) => !clean.includes(kind))
          .map(shortly)
          .filter((text) => text !== outcomes[job]);
        expect(odd).to.deep.equal(failures[job] ?? []);
      });
    }

    const text = readFileSync(join(import.meta.dirname, `../../../examples/lab/${facade.name}.ts`), 'utf8');
    it('has every text that a wrong program replaces', () => {
      for (const { job, mistake, how } of candidate.mistakes) {
        if (!(how instanceof Edit)) continue;
        const site = siteIn(text, job);
        expect(site, `the call site of ${job}`).to.not.equal('');
        const wrong = edited(how, site);
        expect(wrong, `${mistake} in ${job}: a text to be replaced does not occur`).to.not.equal(undefined);
        expect(wrong).to.not.equal(site);
      }
    });
  });
}

/** The text of a call site, as prettier formats it. */
function siteIn(text: string, job: JobId): string {
  const [, site = ''] = new RegExp(`\\n(  \\*?${job}\\(.*?\\n  \\}),\\n`, 's').exec(text) ?? [];
  return site;
}
