/**
 * Explores the findings of a check, one after the other.
 */
import type { Finding } from '../judge.ts';
import type { CheckedFile } from '../run.ts';
import { MOST_EXPLORED } from './proof.ts';
import { Prover } from './prove.ts';
import type { ProveOptions } from './prove.ts';

/** The files, with what exploring each error and warning came to. `tell` is told the number of each. */
export async function explored(
  files: readonly CheckedFile[],
  options: ProveOptions,
  tell: (done: number, of: number) => void,
): Promise<readonly CheckedFile[]> {
  const prover = new Prover(options);
  const sought = files.flatMap(({ findings }) => findings.filter(isSought));
  const all = Math.min(sought.length, MOST_EXPLORED);
  let done = 0;
  const result: CheckedFile[] = [];
  for (const each of files) {
    const findings: Finding[] = [];
    for (const finding of each.findings) {
      if (!isSought(finding) || done === all) {
        findings.push(finding);
        continue;
      }
      tell(done, all);
      findings.push({ ...finding, proof: await prover.prove(each.file, finding) });
      done += 1;
    }
    result.push({ ...each, findings });
  }
  tell(all, all);
  return result;
}

function isSought({ sureness }: Finding): boolean {
  return sureness !== 'note';
}
