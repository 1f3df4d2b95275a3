/**
 * What exploring the function of a finding came to.
 */

/** Findings that are explored; each may take the whole budget. */
export const MOST_EXPLORED = 50;

/** How much was tried. */
export interface Tried {
  readonly runs: number;
  readonly seconds: number;
  /** Other rules that ended runs before, with the places: the world allows what a caller may exclude. */
  readonly others: readonly { readonly rule: string; readonly place: string; readonly runs: number }[];
}

/** A verdict, or why there is none. */
export type Proof =
  | {
      readonly kind: 'reached';
      readonly tried: Tried;
      /** The rule that the machine reports. */
      readonly rule: string;
      /** What was chosen on the way there. */
      readonly choices: readonly string[];
      /** The section, and the schedule that leads there. */
      readonly section: string;
      readonly schedule: string;
    }
  /** Every run within the section's values was tried. */
  | { readonly kind: 'not reached'; readonly tried: Tried; readonly section: string }
  /** The budget ended before all runs were tried. */
  | { readonly kind: 'out of budget'; readonly tried: Tried; readonly section: string; readonly why: string }
  /** The section could not be made, or does not compile. */
  | { readonly kind: 'not tried'; readonly why: string; readonly section?: string };
