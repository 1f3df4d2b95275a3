/** `npm run test:long`: as many operations as asked for, from a seed; what differs is shrunk and printed to replay. */
import { readFileSync } from 'node:fs';
import { inspect, parseArgs } from 'node:util';
import { compare, report, shrink, variantsOf } from './compare.ts';
import type { Difference } from './compare.ts';
import { OPERATIONS, sessionOf } from './session.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000000' },
    replay: { type: 'string' },
  },
});

function replay(file: string): boolean {
  const { session, variants } = JSON.parse(readFileSync(file, 'utf8')) as Pick<
    Difference,
    'session' | 'variants'
  >;
  const { difference } = compare(session, variants);
  console.log(inspect(difference, { depth: 12, breakLength: 120 }));
  return difference === undefined;
}

function search(firstSeed: number, count: number): boolean {
  let done = 0;
  for (let seed = firstSeed; done < count; seed += 1) {
    const { done: ran, difference } = compare(sessionOf(seed, OPERATIONS), variantsOf(seed));
    const before = done;
    done += ran;
    if (difference !== undefined) {
      console.log(report(shrink(difference)));
      return false;
    }
    if (Math.floor(before / 100_000) !== Math.floor(done / 100_000))
      console.log(`${String(done)} operations agree, seeds ${String(firstSeed)} to ${String(seed)}`);
  }
  console.log(`${String(done)} operations agree`);
  return true;
}

const agree =
  values.replay === undefined ? search(Number(values.seed), Number(values.count)) : replay(values.replay);
process.exitCode = agree ? 0 : 1;
