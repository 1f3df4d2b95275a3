/**
 * Findings in SARIF 2.1.0, which tools for code review read.
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ADVICE, fixFor } from '../advice.ts';
import type { CheckedFile } from '../run.ts';
import { keyOf } from '../since.ts';
import type { Proof } from '../proof/proof.ts';
import { proofText, replayCommand } from './proof.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
/** Stands for the folder in which the check was run. */
const BASE = '%SRCROOT%';
const RULES = Object.keys(ADVICE);

/** All findings as one SARIF log. */
export function sarif(files: readonly CheckedFile[], version: string): unknown {
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'scatterlist check',
            version,
            rules: Object.entries(ADVICE).map(([id, { title, inLinux, fix }]) => ({
              id,
              shortDescription: { text: title },
              fullDescription: { text: `In Linux: ${inLinux.replaceAll('UNMAP', 'the unmap')}.` },
              help: {
                text: `To mend it: ${fix.replaceAll('UNMAP', 'the unmap')}. See ${id === 'conversion' ? 'docs/check.md' : `docs/rules.md#${id}`} of the package scatterlist.`,
              },
            })),
          },
        },
        originalUriBaseIds: { [BASE]: { description: { text: 'the folder in which the check was run' } } },
        columnKind: 'utf16CodeUnits',
        results: files.flatMap(({ file, findings }) =>
          findings.map((finding) => ({
            ruleId: finding.rule,
            ruleIndex: RULES.indexOf(finding.rule),
            level: finding.sureness,
            message: {
              text: `${finding.says}. ${finding.because}. Fix: ${fixFor(finding)}.${exploredText(finding)}`,
            },
            locations: [
              {
                ...placeOf(file, finding.line),
                logicalLocations: [{ name: finding.function, kind: 'function' }],
              },
            ],
            partialFingerprints: { 'scatterlistFinding/v1': `${file} ${keyOf(finding)}` },
            // A thread without a step is none.
            ...(finding.proof === undefined ? {} : proofOf(file, finding, finding.proof)),
            ...(finding.path.length === 0 ? {} : { codeFlows: [flowOf(file, finding.path)] }),
          })),
        ),
      },
    ],
  };
}

function exploredText(finding: CheckedFile['findings'][number]): string {
  return finding.proof === undefined ? '' : ` Explored: ${proofText(finding, finding.proof)}.`;
}

/** What exploring came to: for programs, and as a message at the section that shows it. */
function proofOf(file: string, finding: CheckedFile['findings'][number], proof: Proof): object {
  const { section } = proof;
  const place = section === undefined ? placeOf(file, finding.line) : placeOf(section, 1);
  const command = replayCommand(proof);
  const shown = command === undefined ? '' : `. It is shown by: ${command}`;
  return {
    relatedLocations: [{ id: 1, ...place, message: { text: `${proofText(finding, proof)}${shown}` } }],
    properties: { explored: proof },
  };
}

function flowOf(file: string, path: CheckedFile['findings'][number]['path']): object {
  return {
    threadFlows: [
      {
        locations: path.map(({ line, text }) => ({
          location: { ...placeOf(file, line), message: { text } },
        })),
      },
    ],
  };
}

function placeOf(file: string, line: number): object {
  const artifactLocation = isAbsolute(file)
    ? { uri: pathToFileURL(file).href }
    : { uri: file.split(/[\\/]/).map(encodeURIComponent).join('/'), uriBaseId: BASE };
  return { physicalLocation: { artifactLocation, region: { startLine: line } } };
}
