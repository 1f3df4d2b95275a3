/**
 * How far a verdict depends on a constant: halved, doubled, and where it changes.
 */
import { readerOf, withConstants } from './constants.ts';
import type { ConstantTable } from './constants.ts';
import type { Conclusion, Measurement, Verdict } from './define-experiment.ts';

/** Where a verdict becomes another one. */
export interface Turn {
  /** The nearest figure of the constant, in cycles, at which the verdict is `verdict`. */
  readonly at: number;
  readonly verdict: Verdict;
}

/** What happens to the verdict, and to the figure it depends on, if one constant is another. */
export interface SensitivityRow {
  readonly constant: string;
  readonly cycles: number;
  readonly halved: { readonly verdict: Verdict; readonly figure: number };
  readonly doubled: { readonly verdict: Verdict; readonly figure: number };
  /** The nearest lower figure with another verdict, down to 0; absent if there is none. */
  readonly below?: Turn;
  /** The nearest higher figure with another verdict, up to `FARTHEST` times; absent if there is none. */
  readonly above?: Turn;
}

/** Higher figures are tried up to this multiple of the constant. */
export const FARTHEST = 64;
/** Steps of the search inside a factor of four: the place is found to about a thousandth. */
const BISECTIONS = 12;

/** The sensitivity of a conclusion to one constant. */
export function sensitivityOf(
  measurement: Measurement,
  table: ConstantTable,
  constant: string,
  conclusion: Conclusion,
): SensitivityRow {
  const cycles = table[constant]?.cycles ?? 0;
  const at = (value: number): Conclusion => {
    const { cycles: read } = readerOf(withConstants(table, { [constant]: value }));
    return measurement.conclude(measurement.rows(read));
  };
  const short = ({ verdict, figure }: Conclusion): SensitivityRow['halved'] => ({
    verdict,
    figure: figure.value,
  });
  const turn = (values: readonly number[]): Turn | undefined =>
    turnIn(cycles, values, (value) => at(value).verdict, conclusion.verdict);
  // A constant that is 0 has no multiples; then only figures above are tried, in cycles.
  const unit = cycles === 0 ? 1 : cycles;
  const up = powers(FARTHEST).map((factor) => unit * factor);
  const down = cycles === 0 ? [] : [...powers(FARTHEST).map((factor) => unit / factor), 0];
  const below = turn(down);
  const above = turn(up);
  return {
    constant,
    cycles,
    halved: short(at(cycles / 2)),
    doubled: short(at(cycles * 2)),
    ...(below === undefined ? {} : { below }),
    ...(above === undefined ? {} : { above }),
  };
}

/** 4, 16, … up to a number. */
function powers(most: number): readonly number[] {
  return Array.from({ length: Math.log2(most) / 2 }, (_, n) => 4 ** (n + 1));
}

/** Finds where the verdict changes on the way from `from` through `values`; a change that is undone on the way back is missed. */
function turnIn(
  from: number,
  values: readonly number[],
  verdictAt: (value: number) => Verdict,
  verdict: Verdict,
): Turn | undefined {
  let same = from;
  for (const value of values) {
    if (verdictAt(value) === verdict) {
      same = value;
      continue;
    }
    let other = value;
    for (let n = 0; n < BISECTIONS; n += 1) {
      const middle = (same + other) / 2;
      if (verdictAt(middle) === verdict) same = middle;
      else other = middle;
    }
    return { at: rounded(other, same), verdict: verdictAt(other) };
  }
  return undefined;
}

/** Rounds to four digits, away from `same`, so that the verdict is the other one at the number that is shown. */
function rounded(value: number, same: number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  const steps = value / unit;
  const whole = value > same ? Math.ceil(steps) : Math.floor(steps);
  return Number((whole * unit).toPrecision(4));
}
