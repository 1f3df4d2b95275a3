/**
 * Divergences: what runs on one kernel, and breaks a rule or is refused on another.
 *
 * The ones to look at are those that a 64-bit kernel hides: most people test on one.
 */
import type { CellRecord } from './record.ts';
import { distinct, fit, groupBy, listText } from './text.ts';
import type { Paint } from './text.ts';

/** Cells of one row and one backend that differ between configurations. */
export interface Divergence {
  readonly port: string;
  readonly variant: string;
  readonly memory: string;
  readonly backend: string;
  /** The rule that is broken, or the error that refuses. */
  readonly rule: string;
  readonly isRefusal: boolean;
  /** Configurations in which the bytes arrive and no report is made. */
  readonly silentOn: readonly string[];
  /** Configurations in which it breaks. */
  readonly breaksOn: readonly string[];
  readonly because: string;
}

/**
 * The divergences in a set of cells.
 *
 * @linux none
 */
export function divergencesOf(cells: readonly CellRecord[]): readonly Divergence[] {
  const rows = groupBy(
    cells,
    ({ port, variant, memory, contract }) => `${port}|${variant}|${memory}|${contract.name}`,
  );
  return [...rows.values()].flatMap((row) => {
    const silent = row.filter(({ outcome }) => outcome.result === 'verified');
    const broken = row.filter(({ outcome }) => outcome.result !== 'verified');
    if (silent.length === 0) return [];
    return [...groupBy(broken, ruleOf)].map(([rule, of]) => divergence(rule, of, silent));
  });
}

function divergence(rule: string, broken: readonly CellRecord[], silent: readonly CellRecord[]): Divergence {
  const [first] = broken;
  return {
    port: first?.port ?? '',
    variant: first?.variant ?? '',
    memory: first?.memory ?? '',
    backend: backendOf(first),
    rule,
    isRefusal: first?.outcome.result === 'refused',
    silentOn: distinct(silent.map(({ configuration }) => configuration)),
    breaksOn: distinct(broken.map(({ configuration }) => configuration)),
    because: first?.because ?? '',
  };
}

function backendOf(cell: CellRecord | undefined): string {
  return cell?.usesBackend === false ? 'its own map' : (cell?.contract.name ?? '');
}

function ruleOf({ outcome }: CellRecord): string {
  switch (outcome.result) {
    case 'violation':
      return outcome.violation.rule;
    case 'refused':
      return outcome.error.code;
    case 'failed':
      return 'wrong bytes';
    case 'verified':
      return '';
  }
}

const RULE = 17;
const LEAST_ROWS = 30;

/** The configuration that most people test on. */
const HIDING = '64-bit';

/**
 * The divergences, one line for each rule and set of backends, the rarest rule first. What the 64-bit kernel hides comes
 * first; what is silent on another kernel only has a part of its own below.
 *
 * @linux none
 */
export function divergenceLines(all: readonly Divergence[], paint: Paint, width = 80): readonly string[] {
  const { bold, dim } = paint;
  if (all.length === 0) return [dim('No cell differs between the configurations that were run.')];
  const hidden = all.filter(({ silentOn }) => silentOn.includes(HIDING));
  const others = all.filter(({ silentOn }) => !silentOn.includes(HIDING));
  return [hidden, others].flatMap((direction, i) => {
    const shown = direction.filter(({ isRefusal }) => !isRefusal);
    const refused = direction.filter(({ isRefusal }) => isRefusal);
    const parts = [...groupBy(shown, titleOf)].flatMap(([title, of]) => [
      bold(fit(title, width).trimEnd()),
      ...ruleLines(of, paint, width),
    ]);
    const gap = i > 0 && hidden.length > 0 && others.length > 0 ? [''] : [];
    if (refused.length === 0) return [...gap, ...parts];
    const title = shown.length === 0 ? [bold(fit(titleOf(mostCommon(refused)), width).trimEnd())] : [];
    return [...gap, ...parts, ...title, refusalLine(refused, width)];
  });
}

function ruleLines(of: readonly Divergence[], { yellow }: Paint, width: number): readonly string[] {
  const rules = [...groupBy(of, ({ rule }) => rule)].sort(([, a], [, b]) => a.length - b.length);
  return rules.flatMap(([rule, broken]) => {
    const byRow = groupBy(broken, ({ port, variant }) => `${port}|${variant}`);
    const rows = [...byRow.values()].map((row) => ({
      backends: listText(distinct(row.map(({ backend }) => backend)), width - RULE - LEAST_ROWS),
      text: rowText(row),
    }));
    return [...groupBy(rows, ({ backends }) => backends)].map(([backends, items], i) => {
      const left = `  ${yellow(fit(i === 0 ? rule : '', RULE))} ${backends}: `;
      const room = width - RULE - 3 - backends.length - 2;
      return (
        left +
        listText(
          items.map(({ text }) => text),
          room,
        )
      );
    });
  });
}

/** The direction of a divergence in words. */
function titleOf({ silentOn, breaksOn }: Pick<Divergence, 'silentOn' | 'breaksOn'>): string {
  const text = `ilent on ${silentOn.join(', ')}; broken on ${breaksOn.join(', ')}:`;
  return breaksOn.includes(HIDING) ? `The other way round, s${text}` : `S${text}`;
}

/** The configurations that differ in most of some divergences. */
function mostCommon(of: readonly Divergence[]): Pick<Divergence, 'silentOn' | 'breaksOn'> {
  const [most] = [...groupBy(of, titleOf).values()].sort((a, b) => b.length - a.length);
  return most?.[0] ?? { silentOn: [], breaksOn: [] };
}

function rowText(row: readonly Divergence[]): string {
  const [first] = row;
  if (first === undefined) return '';
  return first.variant === 'original' ? first.port : `${first.port} (${first.variant})`;
}

function refusalLine(refused: readonly Divergence[], width: number): string {
  const backends = distinct(refused.map(({ backend }) => backend));
  const ports = distinct(refused.map(({ port }) => port));
  return fit(
    `  refused           ${backends.join(', ')}: highmem pages, in ${listText(ports, 40)}`,
    width,
  ).trimEnd();
}
