/**
 * Findings in SARIF 2.1.0, which tools for code review read.
 */
import { ADVICE } from '../advice.ts';
import type { CheckedFile } from '../run.ts';
import { fixFor } from './text.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** All findings as one SARIF log. */
export function sarif(files: readonly CheckedFile[], version: string): unknown {
  const place = (file: string, line: number): object => ({
    physicalLocation: { artifactLocation: { uri: file }, region: { startLine: line } },
  });
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'scatterlist check',
            version,
            rules: Object.entries(ADVICE).map(([id, { inLinux, fix }]) => ({
              id,
              shortDescription: { text: inLinux },
              help: { text: fix },
            })),
          },
        },
        results: files.flatMap(({ file, findings }) =>
          findings.map((finding) => ({
            ruleId: finding.rule,
            level: finding.sureness,
            message: { text: `${finding.says}. ${finding.because}. Fix: ${fixFor(finding)}.` },
            locations: [place(file, finding.line)],
            codeFlows: [
              {
                threadFlows: [
                  {
                    locations: finding.path.map(({ line, text }) => ({
                      location: { ...place(file, line), message: { text } },
                    })),
                  },
                ],
              },
            ],
          })),
        ),
      },
    ],
  };
}
