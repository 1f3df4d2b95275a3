/** Measures groups in a process of its own and prints their rows as JSON. */
import { groups } from './groups/index.ts';
import { measure, sizesOf } from './measure.ts';
import type { Timing } from './measure.ts';

/** The results of one process for a group. */
export interface Measured extends Timing {
  readonly title: string;
  readonly baseline: string;
}

const [names = '', rounds, sampleMicros, patienceMicros, coreMicros, smoke] = process.argv.slice(2);
const options = {
  rounds: Number(rounds ?? 41),
  sampleMicros: Number(sampleMicros ?? 3000),
  patienceMicros: Number(patienceMicros ?? 0),
  coreMicros: Number(coreMicros ?? Infinity),
};

async function measured(name: string): Promise<Measured> {
  const make = groups[name];
  if (make === undefined) throw new Error(`no group ${name}; there are ${Object.keys(groups).join(', ')}`);
  const group = await make({ smoke: smoke !== undefined });
  const timing = 'sizes' in group ? sizesOf(group) : measure(group, options);
  return { title: group.title, baseline: group.baseline.name, ...timing };
}

const results: Measured[] = [];
for (const name of names.split(',')) results.push(await measured(name));
process.stdout.write(JSON.stringify(results));
