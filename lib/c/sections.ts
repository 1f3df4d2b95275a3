/**
 * What a C file declares with SECTION, IRQ, SETUP and the other macros of linux/scatterlist-explore.h.
 */
import { ConfigError } from '../base/invariant.ts';

/** What a section is. */
type SectionKind = 'task' | 'irq' | 'softirq' | 'nmi' | 'work' | 'setup' | 'check';

/** Options by name; one without a value is `true`. */
export type SectionOptions = ReadonlyMap<string, string | number | boolean>;

/** One section. */
export interface Section {
  readonly kind: SectionKind;
  readonly name: string;
  readonly options: SectionOptions;
  /** The name under which the module exports its function. */
  readonly exported: string;
}

/** All that a file declares. */
export interface Declared {
  readonly sections: readonly Section[];
  readonly machine: SectionOptions;
  readonly program: SectionOptions;
}

/** The options of each kind of section, and of the two macros that are none. */
const OPTIONS_OF: Readonly<Record<SectionKind | 'program', readonly string[]>> = {
  task: ['cpu'],
  irq: ['cpu', 'times', 'maybe', 'raised'],
  softirq: ['cpu', 'times', 'maybe', 'raised'],
  nmi: ['cpu', 'times', 'maybe', 'raised'],
  work: ['cpu'],
  setup: [],
  check: [],
  program: ['allow', 'maxSteps', 'migrate', 'mayKeepMappings'],
};

const NONE: SectionOptions = new Map();
const KINDS: readonly string[] = ['task', 'irq', 'softirq', 'nmi', 'work', 'setup', 'check'];

function isKind(kind: string): kind is SectionKind {
  return KINDS.includes(kind);
}

/** Reads the names of a module's exports. */
export function declaredIn(file: string, exports: Iterable<string>): Declared {
  const sections: Section[] = [];
  let machine = NONE;
  let program = NONE;
  for (const exported of exports) {
    const [, kind = '', name = '', text = ''] = /^scatterlist:(\w+):(\w+):(.*)$/.exec(exported) ?? [];
    if (kind === '') continue;
    const options = optionsIn(file, text);
    if (kind === 'machine') machine = options;
    else if (kind === 'program') program = known(file, kind, 'PROGRAM', options);
    else if (isKind(kind)) {
      known(file, kind, name, options);
      sections.push({ kind, name: kind === 'work' ? name.replace(/_work$/, '') : name, options, exported });
    } else throw new ConfigError(`${file}: SECTION(${kind}, ${name}); a section is ${KINDS.join(', ')}`);
  }
  return { sections, machine, program };
}

/** The name of a function as the file has it: the macros that declare a section put something in front. */
export function nameInC(name: string): string {
  return name.replace(/^__(?:section|work|timer)_/, '');
}

/** Refuses an option that has no effect. `createMachine` does that for those of MACHINE. */
function known(
  file: string,
  kind: SectionKind | 'program',
  name: string,
  options: SectionOptions,
): SectionOptions {
  const names = OPTIONS_OF[kind];
  const unknown = [...options.keys()].find((option) => !names.includes(option));
  if (unknown === undefined) return options;
  const there = names.length === 0 ? 'it takes none' : `it has ${names.join(', ')}`;
  throw new ConfigError(`${file}: ${name} has no option '${unknown}'; ${there}`);
}

function optionsIn(file: string, text: string): SectionOptions {
  const options = new Map<string, string | number | boolean>();
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const [, name = '', value] = /^(\w+)(?:\s*=\s*([\w'"-]+))?$/.exec(part) ?? [];
    if (name === '') throw new ConfigError(`${file}: "${part}" is no option; write name = value`);
    const known = options.get(name);
    const given =
      value === undefined || value === 'true'
        ? true
        : value === 'false'
          ? false
          : /^\d+$/.test(value)
            ? Number(value)
            : value.replaceAll(/['"]/g, '');
    options.set(name, known === undefined ? given : `${String(known)} ${String(given)}`);
  }
  return options;
}
