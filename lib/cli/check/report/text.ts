/**
 * Findings as a compiler would print them: the place, what is wrong, the line, how it comes to that, what to do.
 */
import { hangingLines } from '../../../base/text-lines.ts';
import { fixFor, inLinux } from '../advice.ts';
import type { Finding } from '../judge.ts';
import { proofText, replayCommand } from './proof.ts';

const WIDTH = 80;
const MOST_STEPS = 8;

/** The kernels on which a finding does harm, in words. */
const BITES: Readonly<Record<Exclude<Finding['bites'], 'letter'>, string>> = {
  all: 'every kernel',
  highmem: 'kernels with HIGHMEM',
  'x86-32': '32-bit x86, where each map of an io_mapping is an ioremap of its own',
};

/** On which kernels a finding does harm, and which. */
export function harmText(finding: Finding): string {
  const { bites, bitesBecause } = finding;
  return bites === 'letter'
    ? `none today, because ${bitesBecause ?? 'no page is in highmem there'}; for a highmem page it would be: ${inLinux(finding)}`
    : `${BITES[bites]}: ${inLinux(finding)}`;
}

/** One finding, in lines. */
export function findingLines(file: string, finding: Finding, lines: readonly string[]): readonly string[] {
  const { rule, line, sureness, says, because, path } = finding;
  const text = (at: number): string => (lines[at - 1] ?? '').trim().replaceAll(/\s+/g, ' ');
  const steps = path.filter(
    (step, at) => step.line !== path[at + 1]?.line || step.text !== path[at + 1]?.text,
  );
  const left = Math.max(0, steps.length - MOST_STEPS);
  return [
    ...hangingLines('', `${file}:${String(line)}: ${sureness}: ${rule} in ${finding.function}`, WIDTH),
    ...hangingLines('  ', says, WIDTH),
    `  ${String(line).padStart(5)} | ${cut(text(line))}`,
    ...(steps.length === 0 ? [] : ['  the way there:']),
    ...(left === 0 ? [] : [`    (${String(left)} ${left === 1 ? 'step' : 'steps'} before)`]),
    ...steps.slice(left).flatMap((step) => hangingLines(`    ${String(step.line)}: `, step.text, WIDTH)),
    ...hangingLines('  why: ', because, WIDTH),
    ...hangingLines('  harm: ', harmText(finding), WIDTH),
    ...hangingLines('  fix: ', fixFor(finding), WIDTH),
    ...proofLines(finding),
  ];
}

function proofLines(finding: Finding): readonly string[] {
  const { proof } = finding;
  if (proof === undefined) return [];
  const command = replayCommand(proof);
  return [
    ...hangingLines(
      proof.kind === 'not tried' ? '  not explored: ' : '  explored: ',
      proofText(finding, proof),
      WIDTH,
    ),
    // In one line, to be copied.
    ...(command === undefined ? [] : [`  replay: ${command}`]),
  ];
}

function cut(text: string): string {
  return text.length <= WIDTH - 10 ? text : `${text.slice(0, WIDTH - 13)}...`;
}
