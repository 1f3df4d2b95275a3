/**
 * What the page of the experiments asks of its worker, and what it is told.
 */
import type {
  Chart,
  Column,
  Conclusion,
  ConstantTable,
  ParameterTable,
  Row,
  ThreadSentence,
  Values,
} from 'scatterlist/lab';

/** An experiment to choose from. */
export interface ExperimentEntry {
  readonly name: string;
  readonly question: string;
  readonly hypothesis: string;
  readonly thread: ThreadSentence | undefined;
  readonly method: string;
  readonly doesNotShow: readonly string[];
  readonly parameters: ParameterTable;
  /** Values with which a run takes a fraction of a second. */
  readonly small: Values;
  readonly constants: ConstantTable;
}

/** What is run, and what its counts are weighed with. */
export interface Setting {
  readonly name: string;
  readonly parameters: Values;
  /** Constants that differ from their defaults. */
  readonly constants: Readonly<Record<string, number>>;
  readonly seed: number;
}

/** What a run found. */
export interface Weighed {
  readonly setting: Setting;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly conclusion: Conclusion;
  readonly chart: Chart;
  /** The names of the constants that the rows depend on. */
  readonly used: readonly string[];
  /** How long the run took; 0 if only the weighing was new. */
  readonly milliseconds: number;
}

/** What the page sends. */
export type ToWorker = { readonly kind: 'list' } | { readonly kind: 'weigh'; readonly setting: Setting };

/** What the worker sends. */
export type FromWorker =
  | { readonly kind: 'list'; readonly experiments: readonly ExperimentEntry[] }
  | { readonly kind: 'weighed'; readonly weighed: Weighed }
  | { readonly kind: 'refused'; readonly text: string };
