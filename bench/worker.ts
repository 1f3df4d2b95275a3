/** Measures one group in a process of its own and prints its rows as JSON. */
import { groups } from './groups/index.ts';
import { measure } from './measure.ts';

const [name = '', rounds = '41', sampleMicros = '3000'] = process.argv.slice(2);
const make = groups[name];
if (make === undefined) throw new Error(`no group ${name}; there are ${Object.keys(groups).join(', ')}`);
const group = await make();
const rows = measure(group, { rounds: Number(rounds), sampleMicros: Number(sampleMicros) });
process.stdout.write(JSON.stringify({ title: group.title, baseline: group.baseline.name, rows }));
