/** Measures groups in a process of its own and prints their rows as JSON. */
import { groups } from './groups/index.ts';
import { measure, sizeRows } from './measure.ts';
import type { Row } from './measure.ts';

/** What one process found out about a group. */
export interface Measured {
  readonly title: string;
  readonly baseline: string;
  readonly rows: readonly Row[];
}

const [names = '', rounds = '41', sampleMicros = '3000', smoke = ''] = process.argv.slice(2);
const options = { rounds: Number(rounds), sampleMicros: Number(sampleMicros) };

function measured(name: string): Measured {
  const make = groups[name];
  if (make === undefined) throw new Error(`no group ${name}; there are ${Object.keys(groups).join(', ')}`);
  const group = make({ smoke: smoke !== '' });
  const rows = 'sizes' in group ? sizeRows(group) : measure(group, options);
  return { title: group.title, baseline: group.baseline.name, rows };
}

process.stdout.write(JSON.stringify(names.split(',').map(measured)));
