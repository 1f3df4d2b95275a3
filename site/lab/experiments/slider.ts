/**
 * Values of parameters and constants as positions of a slider. Wide ranges are logarithmic.
 */
import type { Parameter } from 'scatterlist/lab';

/** A slider: whole positions from 0 to `last`. */
export interface SliderScale {
  readonly last: number;
  readonly valueAt: (position: number) => number;
  /** The position whose value is nearest. */
  readonly positionOf: (value: number) => number;
}

/** A range that is this many times its least value is logarithmic. */
const WIDE = 50;
/** Positions of a logarithmic slider. */
const POSITIONS = 60;
/** A slider ends at so many times the default: more would take minutes, and can be typed. */
const MOST_TIMES = 4;

/** The slider of a parameter. */
export function parameterSlider({
  default: usual,
  least,
  most,
  fraction = false,
  powerOfTwo = false,
}: Parameter): SliderScale {
  const end = Math.min(most, Math.max(MOST_TIMES * usual, least + 1));
  if (powerOfTwo) {
    const from = Math.log2(least);
    const last = Math.floor(Math.log2(end)) - from;
    return scale(last, (position) => 2 ** (from + position));
  }
  const lowest = Math.max(least, 1);
  if (!fraction && end / lowest > WIDE) {
    const ratio = end / lowest;
    const valueAt = (position: number): number =>
      position === 0 ? least : Math.round(lowest * ratio ** (position / POSITIONS));
    return scale(POSITIONS, valueAt);
  }
  const step = fraction ? (end - least) / POSITIONS : Math.max(1, Math.round((end - least) / 200));
  return scale(Math.floor((end - least) / step), (position) =>
    Number((least + position * step).toPrecision(6)),
  );
}

/** The slider of a constant: from a sixteenth of its default to sixteen times, four positions for each doubling. */
export function constantSlider(usual: number): SliderScale {
  return scale(32, (position) => Number((usual * 2 ** ((position - 16) / 4)).toPrecision(3)));
}

function scale(last: number, valueAt: (position: number) => number): SliderScale {
  const positionOf = (value: number): number => {
    let best = 0;
    for (let position = 1; position <= last; position += 1)
      if (Math.abs(valueAt(position) - value) < Math.abs(valueAt(best) - value)) best = position;
    return best;
  };
  return { last, valueAt, positionOf };
}
