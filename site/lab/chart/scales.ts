/**
 * Scales of a chart: from values to points of the page, with the marks of an axis.
 */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Axis } from 'scatterlist/lab';

/** A mark of an axis. */
export interface Tick {
  readonly value: number;
  readonly at: number;
  readonly text: string;
}

/** An axis laid out. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly Tick[];
  /** Whether a value has a place: on a logarithmic axis 0 has none. */
  readonly isShown: (value: number) => boolean;
}

const MOST_TICKS = 7;

/** Lays an axis out from one point to another. One that begins at 0 (or, logarithmic, at a
 * power of ten) also ends at a round number. */
export function scaleOf(
  axis: Axis,
  values: readonly number[],
  range: readonly [from: number, to: number],
  begins: 'at 0' | 'at the least',
): Scale {
  if (axis.scale === 'log') return logScale(values, range, begins === 'at 0');
  const least = begins === 'at 0' ? Math.min(0, ...values) : Math.min(...values);
  const most = Math.max(...values);
  const scale = scaleLinear([least, most === least ? least + 1 : most], [...range]);
  if (begins === 'at 0') scale.nice();
  return { at: scale, isShown: () => true, ticks: scale.ticks(5).map((value) => tickAt(value, scale)) };
}

function logScale(values: readonly number[], range: readonly [number, number], isRounded: boolean): Scale {
  const shown = values.filter((value) => value > 0);
  const [least, most] = shown.length === 0 ? [1, 10] : [Math.min(...shown), Math.max(...shown)];
  const scale = scaleLog([least, most === least ? 10 * least : most], [...range]);
  if (isRounded) scale.nice();
  const all = scale.ticks();
  const powers = all.filter((value) => Number.isInteger(Math.log10(value)));
  const values125 = all.filter((value) => /^[125]/.test(value.toExponential()));
  const ticks = values125.length <= MOST_TICKS ? values125 : powers;
  return { at: scale, isShown: (value) => value > 0, ticks: ticks.map((value) => tickAt(value, scale)) };
}

const tickAt = (value: number, at: (value: number) => number): Tick => ({
  value,
  at: at(value),
  text: shortNumber(value),
});

/** Marks at the values themselves, if they are few. */
export function ticksAt(
  values: readonly number[],
  at: (value: number) => number,
  labels: Readonly<Record<string, string>> | undefined,
): readonly Tick[] {
  return [...new Set(values)].map((value) => ({
    value,
    at: at(value),
    text: labels?.[String(value)] ?? (labels === undefined ? shortNumber(value) : ''),
  }));
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** `4096`, `65.5K`, `0.05` */
export function shortNumber(value: number): string {
  return Math.abs(value) < 10_000 ? String(Number(value.toPrecision(4))) : compact.format(value);
}
