/**
 * `scatterlist audit`: what each mapping site needs, as it was observed, and so which backend is best.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import {
  CONFIGURATIONS,
  auditAt,
  auditHtml,
  auditLines,
  auditPort,
  auditSummary,
  countSites,
} from 'scatterlist/ports';
import type { CellRecord, PortAudit } from 'scatterlist/ports';
import { EXIT } from './exit-codes.ts';
import { failed } from './failed.ts';
import { checkWritable } from './files.ts';
import { loadInput, sampleOf } from './matrix/input.ts';
import { Bench } from './matrix/plan.ts';
import { refuseRepeats } from './options.ts';
import { original } from './source-lines.ts';
import { UsageError, isUsersMistake } from './usage-error.ts';

/** What `scatterlist audit --help` prints. */
export const AUDIT_HELP = `scatterlist audit: observe every mapping site of the ports, and say which backends serve it

  scatterlist audit [PORT...]   ports whose names begin so (default: all)
  --all                 every variant, not only the original of each port
  --port FILE           audit your own port instead: its default export is definePort(…)
  --html FILE           write one page: the sites, what each backend costs, and for each cell the
                        report and the trace of its run
  --json                everything, for a program

A site is local if only the context that mapped uses the address. It relies on page faults or
preemption being off if only a map like kmap_atomic's would disable them. Verdicts come from what was
observed; what the run cannot show is told as not observed.

Exit code 0: every site is served by a backend, or maps by a function of its own. 1: one is not, or a
port breaks a rule where every mapping is allowed. 2: wrong usage, or a port that is of no use.
70: a bug in scatterlist itself.
`;

const SAMPLE_BYTES = 4096;

/** Runs the command and returns its exit code. */
export async function audit(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      all: { type: 'boolean', default: false },
      port: { type: 'string', multiple: true, default: [] },
      html: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  refuseRepeats(tokens.filter((token) => token.kind !== 'option' || token.name !== 'port'));
  checkWritable(values.html);
  const input = sampleOf(await loadInput(), SAMPLE_BYTES);
  const { '32-bit': narrow = {} } = CONFIGURATIONS;
  const bench = await Bench.of({
    ports: values.port,
    backends: [],
    configurations: { '32-bit': { ...narrow, trace: true } },
    input,
    isWhole: true,
    port: undefined,
    backend: undefined,
  });
  const all = bench.matrix.ports.slice(0, values.port.length === 0 ? undefined : values.port.length);
  const ports = all.filter(
    ({ name }) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)),
  );
  if (ports.length === 0)
    throw new UsageError(`no such port; there are ${all.map(({ name }) => name).join(', ')}`);
  const audits: PortAudit[] = [];
  for (const port of ports) {
    const variants = Object.keys(port.variants);
    try {
      const loaded = await port.load(input);
      for (const variant of values.all ? variants : variants.slice(0, 1))
        audits.push(auditAt(auditPort(loaded, variant), original));
    } catch (error) {
      if (isUsersMistake(error)) throw error;
      throw failed(`port "${port.name}"`, 'cannot be audited', error);
    }
  }
  if (values.html !== undefined) writeFileSync(values.html, auditHtml(audits, await cellsOf(bench, audits)));
  process.stdout.write(values.json ? asJson(audits) : asText(audits));
  const isServed = audits.every(
    ({ sites, faults }) =>
      faults.length === 0 &&
      sites.every(({ best, needs }) => best !== undefined || needs.mechanism !== undefined),
  );
  return isServed ? EXIT.exhausted : EXIT.violation;
}

async function cellsOf(bench: Bench, audits: readonly PortAudit[]): Promise<readonly CellRecord[]> {
  const cells: CellRecord[] = [];
  for (const job of bench.jobs)
    if (audits.some(({ port, variant }) => port === job.port.name && variant === job.variant))
      cells.push(...(await bench.run(job)).cells);
  return cells;
}

function asText(audits: readonly PortAudit[]): string {
  return `${audits.map((each) => auditLines(each, pc).join('\n')).join('\n\n')}\n\n${auditSummary(audits)}\n`;
}

function asJson(audits: readonly PortAudit[]): string {
  return `${JSON.stringify({ ...countSites(audits), ports: audits }, undefined, 2)}\n`;
}
