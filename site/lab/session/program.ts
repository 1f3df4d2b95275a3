/**
 * What the laboratory runs: the text of a program, and the configuration of the machine under it.
 */

/** The text of a program as the editor has it. */
export interface ProgramText {
  /** The name under which lines are reported, such as `atomic-to-local.ts`. */
  readonly file: string;
  /** TypeScript. Its default export is what `defineProgram`, or `definePort`, returned. */
  readonly text: string;
  /** Files that it imports by a relative path: their texts by their paths, seen from where `file` is. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What a reader can switch on the page. What is not given stays as the program has it. */
export interface Configuration {
  readonly cpus?: number;
  /** CONFIG_HIGHMEM: without it every page has a permanent address. */
  readonly highmem?: boolean;
  /** PREEMPT_RT. */
  readonly preemptRt?: boolean;
  /** `LAST_PKMAP`, a power of two. */
  readonly pkmapSlots?: number;
  /** For a port: the backend that it maps through, by the name in its contract. Default: the first that serves it beside a second user. */
  readonly backend?: string;
  /** For a port: its variant. Default: the first. */
  readonly variant?: string;
}

/** A program to choose from. */
export interface ExampleEntry {
  /** Its name in a link, `lab/#example=NAME`. */
  readonly name: string;
  readonly title: string;
  /** Where it belongs in the list. */
  readonly group: 'start' | 'rule' | 'port' | 'bug' | 'example';
  /** One sentence. */
  readonly about: string;
  /** The rule that it breaks, if it is there to break one. */
  readonly rule?: string;
  /** A schedule that shows it. */
  readonly schedule?: string;
  readonly configuration?: Configuration;
  readonly program: ProgramText;
}
