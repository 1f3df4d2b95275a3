/**
 * Helpers for tables of text. Colours are functions that the caller passes, because the library knows no terminal.
 */

/** Colours a text, or leaves it as it is. */
type Colour = (text: string) => string;

/** The colours of a report. */
export interface Paint {
  readonly bold: Colour;
  readonly dim: Colour;
  readonly red: Colour;
  readonly green: Colour;
  readonly yellow: Colour;
}

const asItIs: Colour = (text) => text;

/** No colours. */
export const PLAIN: Paint = { bold: asItIs, dim: asItIs, red: asItIs, green: asItIs, yellow: asItIs };

/** Groups in order of first appearance. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** The values without repetitions. */
export function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

/** A number of bytes: `64.0 KiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${String(bytes)} B`;
  const [unit, divisor] = bytes < 1024 * 1024 ? ['KiB', 1024] : ['MiB', 1024 * 1024];
  return `${(bytes / divisor).toFixed(bytes / divisor < 100 ? 1 : 0)} ${unit}`;
}

/** Shortens a text and pads it to a width. */
export function fit(text: string, width: number): string {
  return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);
}

/** As many items as fit into a width, separated by commas, and how many are left. */
export function listText(items: readonly string[], width: number): string {
  for (let shown = items.length; shown > 1; shown -= 1) {
    const left = items.length - shown;
    const text = items.slice(0, shown).join(', ') + (left === 0 ? '' : ` and ${String(left)} more`);
    if (text.length <= width) return text;
  }
  const [first = ''] = items;
  const more = items.length > 1 ? ` and ${String(items.length - 1)} more` : '';
  return fit(first, Math.min(first.length, width - more.length)) + more;
}
