/**
 * What the subcommands that tell one schedule have in common: `run` and `replay`.
 */
import { parseArgs } from 'node:util';
import type { Explained } from 'scatterlist/explore';
import { checkWritable } from '../files.ts';
import { refuseRepeats } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { LIMITS, limitsOf } from './choices.ts';
import type { Outside } from './outside.ts';

/** The options of both, as their help names them. */
export const ONE_SCHEDULE_HELP = `  --trace FILE, --html FILE, --save FILE, --all   as for explore
  --budget Ns, --memory SIZE           end it after N seconds (default 60s), or when it takes more memory (default:
                                       half of the machine's, at most 4G)`;

/** Reads the command line. */
export function parseOneSchedule(name: string, args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      trace: { type: 'string' },
      html: { type: 'string' },
      save: { type: 'string' },
      all: { type: 'boolean', default: false },
      ...LIMITS,
    },
  });
  refuseRepeats(tokens);
  checkWritable(values.trace);
  checkWritable(values.html);
  checkWritable(values.save);
  const { milliseconds, memoryBytes } = limitsOf(values);
  if (milliseconds === Infinity)
    throw new UsageError(`--budget of ${name} takes seconds (60s), not ${values.budget}`);
  return { values, positionals, milliseconds, memoryBytes };
}

/** Why a schedule was not run to its end. */
export function whyStopped({ signal }: Outside): string {
  const { reason } = signal ?? {};
  return typeof reason === 'string' ? reason : 'the time was over';
}

/** Refuses to save a schedule that breaks no rule. */
export function checkSaved(save: string | undefined, what: string, { violation }: Explained): void {
  if (save !== undefined && violation === undefined) throw new UsageError(`--save: ${what} breaks no rule`);
}
