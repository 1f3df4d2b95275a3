/** `npm run test:hostile`: every hostile program in every mode, one after the other, because time and memory are measured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultsOf, run } from './command.ts';
import { HOSTILE, MODES } from './programs.ts';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const folder = mkdtempSync(join(import.meta.dirname, '..', 'programs-'));
let failed = 0;
try {
  for (const program of HOSTILE) {
    for (const mode of MODES) {
      if (!`${program.name}, ${mode.name}`.includes(values.only)) continue;
      const ran = await run(program, mode, folder);
      const faults = faultsOf(ran);
      if (faults.length > 0) failed += 1;
      const numbers = ` ${(ran.milliseconds / 1000).toFixed(1)} s (${(ran.clockMs / 1000).toFixed(1)} s), ${String(ran.mostMB)} MB, code ${String(ran.code)}`;
      console.log(
        `${faults.length > 0 ? 'FAIL' : 'ok  '} ${ran.name}: ${numbers}; ${ran.out.slice(0, 90).split('\n')[0] ?? ''}`,
      );
      if (faults.length > 0)
        console.log(`     ${faults.join('; ')}\n${ran.out.slice(0, 500)}${ran.err.slice(0, 2000)}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${String(failed)} failed`);
process.exitCode = failed > 0 ? 1 : 0;
