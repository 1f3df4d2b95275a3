/**
 * The parameters of an experiment: each a number with a default, a unit and bounds.
 */
import { ConfigError } from '../../base/invariant.ts';

/** One parameter. */
export interface Parameter {
  readonly default: number;
  /** What it is, for `experiment list` and the page. */
  readonly meaning: string;
  /** Its unit, in the plural: `tasks`, `bytes`. */
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  /** Whether it need not be whole. Default false. */
  readonly fraction?: boolean;
  /** Whether it must be a power of two. Default false. */
  readonly powerOfTwo?: boolean;
}

/** The parameters of an experiment, by name. */
export type ParameterTable = Readonly<Record<string, Parameter>>;

/** A value for each parameter. */
export type Values<P extends ParameterTable = ParameterTable> = { readonly [K in keyof P]: number };

function check(name: string, value: number, parameter: Parameter): void {
  const { least, most, unit, fraction = false, powerOfTwo = false } = parameter;
  const isFit =
    value >= least &&
    value <= most &&
    (fraction || Number.isInteger(value)) &&
    (!powerOfTwo || Number.isInteger(Math.log2(value)));
  if (isFit) return;
  const kind = powerOfTwo ? 'a power of two' : fraction ? 'a number' : 'a whole number';
  throw new ConfigError(
    `parameter ${name} is ${String(value)}; it must be ${kind} from ${String(least)} to ${String(most)} ${unit}`,
  );
}

/** The value of every parameter; refuses one that the experiment does not have, and a value out of bounds. */
export function parameterValues<P extends ParameterTable>(
  what: string,
  parameters: P,
  given: Readonly<Record<string, number | undefined>>,
): Values<P>;
export function parameterValues(
  what: string,
  parameters: ParameterTable,
  given: Readonly<Record<string, number | undefined>>,
): Values {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined)
    throw new ConfigError(
      `${what} has no parameter '${unknown}'; it has ${Object.keys(parameters).join(', ') || 'none'}`,
    );
  const values: Record<string, number> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = given[name] ?? parameter.default;
    check(name, value, parameter);
    values[name] = value;
  }
  return values;
}
