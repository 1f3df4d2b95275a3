/**
 * A violation: a bug of the driver under test, reported in the form of a kernel warning.
 *
 * It is neither an expected failure (`Result`) nor a bug of this library (thrown invariant). By
 * default a machine throws it as a `ViolationError` before anything has changed; it can also record
 * it and go on as Linux would.
 */
import { configWhole } from '../base/whole.ts';
import type { CallSite } from './call-site.ts';
import { hex } from '../base/units.ts';
import { RULES, type RuleId } from './rules.ts';

/** The state of a context at one moment. */
export interface ContextState {
  readonly name: string;
  /** `task`, `softirq`, `hardirq` or `nmi`. */
  readonly kind: string;
  readonly cpu: number;
  readonly preemptCount: number;
  readonly pagefaultDisabled: number;
  readonly migrateDisabled: number;
}

/** The description of a mapping in a report. */
export interface MappingState {
  readonly vaddr: number;
  readonly pfn: number;
  /** What the program calls the page, if it has a name for it. */
  readonly pageName?: string | undefined;
  readonly lengthBytes: number;
  /** Slot of the pool or of the CPU's stack, where there is one. */
  readonly slot: number | undefined;
  readonly mechanism: string;
  readonly ownerName: string;
  readonly mappedAt: CallSite | undefined;
  readonly unmappedAt: CallSite | undefined;
}

/** One line of a report: a label in the margin and its text. */
export interface Detail {
  readonly label: string;
  readonly text: string;
}

/** Bytes of a page. */
export interface BytesState {
  readonly pfn: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** The data of a violation. */
export interface Violation {
  readonly rule: RuleId;
  /** Whether Linux would warn and go on, or stop the operation. */
  readonly severity: 'warn' | 'bug';
  /** What was done, in a sentence that names the function and the numbers. */
  readonly what: string;
  readonly context: ContextState | undefined;
  readonly mapping: MappingState | undefined;
  readonly details: readonly Detail[];
  /** The line of the caller where it was found. */
  readonly foundAt: CallSite | undefined;
  /** The bytes whose content it is about; the explorer tells who wrote them last. */
  readonly bytes?: BytesState | undefined;
}

/** Formats a call site for a report: the file name without its folders, and the line. */
export function siteText(site: CallSite | undefined): string {
  if (site === undefined || site.file === '') return 'an unknown line';
  const file = site.file.slice(site.file.lastIndexOf('/') + 1);
  return `${file}:${String(site.line)}`;
}

/** Callers of a function that are named. */
const MOST_CALLERS = 4;

/** The same with the function and what called it, where that is known: `ring.c:15 in account, called at ring.c:31 in send`. */
export function chainText(site: CallSite | undefined): string {
  const callers = site?.callers ?? [];
  const named = (one: CallSite | undefined): string =>
    `${siteText(one)}${one?.within === undefined ? '' : ` in ${one.within}`}`;
  const more = callers.length > MOST_CALLERS ? ', called from further out' : '';
  return [named(site), ...callers.slice(0, MOST_CALLERS).map(named)].join(', called at ') + more;
}

/** A mapping in one line: address, slot, page, length, who made it and where. */
export function describeMapping(m: MappingState): string {
  const slot = m.slot === undefined ? '' : `  slot ${String(m.slot)}`;
  const at = m.mappedAt === undefined ? '' : `  mapped at ${siteText(m.mappedAt)}`;
  const name = m.pageName === undefined ? '' : ` (${m.pageName})`;
  return `${hex(m.vaddr)}${slot}  pfn ${hex(m.pfn)}${name}  ${String(m.lengthBytes)} bytes  by ${m.ownerName} (${m.mechanism})${at}`;
}

/**
 * The width of a report, which fits a terminal beside an editor. The library's own default is wider than a terminal of 80
 * columns, because its reports go into messages of test runners and into logs, where a fact in one row can be searched for;
 * what prints for a terminal knows its width, and the command passes it.
 */
const COLUMNS = 118;

// Breaks a line at spaces and indents the following lines.
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const at = rest.lastIndexOf(' ', columns);
    if (at <= 2) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = `  ${rest.slice(at).trimStart()}`;
  }
  return [...lines, rest];
}

/**
 * Formats a violation as a report: `BUG` if Linux would stop the operation, `WARNING` if it would go on, perhaps
 * silently; then one fact in each row. `width` is that of the terminal, at most 118.
 */
export function formatViolation(v: Violation, width: number = COLUMNS): string {
  const rule = RULES[v.rule];
  const head = `${v.severity === 'bug' ? 'BUG' : 'WARNING'}: ${rule.title}`;
  const tag = `rule: ${v.rule}`;
  configWhole('width', width, 1, Infinity);
  const columns = Math.min(width, COLUMNS);
  const lines =
    head.length + 2 + tag.length <= columns || columns === COLUMNS
      ? [`${head.padEnd(columns - tag.length - 2)}  ${tag}`]
      : [...wrap(head, columns), `  ${tag}`];
  const rows: Detail[] = [{ label: 'what', text: v.what }];
  const c = v.context;
  if (c !== undefined) {
    rows.push({
      label: c.kind,
      text: `"${c.name}" on cpu${String(c.cpu)}, preempt ${String(c.preemptCount)}, pagefault ${String(c.pagefaultDisabled)}, migrate ${String(c.migrateDisabled)}`,
    });
  }
  if (v.foundAt !== undefined && v.foundAt.file !== '') {
    rows.push({ label: 'found at', text: chainText(v.foundAt) });
    if (v.foundAt.text !== undefined) rows.push({ label: 'source', text: v.foundAt.text });
  }
  if (v.mapping !== undefined) {
    rows.push({ label: 'mapping', text: describeMapping(v.mapping) });
    if ((v.mapping.mappedAt?.callers ?? []).length > 0)
      rows.push({ label: 'mapped at', text: chainText(v.mapping.mappedAt) });
    if (v.mapping.unmappedAt !== undefined) {
      rows.push({ label: 'released', text: `at ${siteText(v.mapping.unmappedAt)}` });
    }
  }
  rows.push(...v.details, { label: 'Linux', text: rule.linux }, { label: 'advice', text: rule.advice });
  const margin = Math.max(...rows.map((row) => row.label.length));
  for (const row of rows) {
    const [first = '', ...rest] = row.text.split('\n').flatMap((line) => wrap(line, columns - margin - 4));
    lines.push(`  ${row.label.padEnd(margin)}  ${first}`);
    for (const line of rest) lines.push(`  ${''.padEnd(margin)}  ${line}`);
  }
  return lines.join('\n');
}

/** Thrown by a machine whose policy is to stop at the first violation; the message is the report. */
export class ViolationError extends Error {
  override readonly name = 'ViolationError';
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(formatViolation(violation));
    this.violation = violation;
  }
}
