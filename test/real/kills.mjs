/** Check 6: a target killed at 200 random moments leaves an image of whole blocks with all that was synchronized. */
import { needTools, run, root, verdict } from './harness.mjs';

const CHECK = 'a target killed at 200 random moments';
needTools(CHECK, 'node');
process.chdir(root);
const args = [
  '--conditions=source',
  '--import',
  'tsx',
  'test/iscsi/kills.ts',
  '--kills',
  '200',
  '--seed',
  '1',
];
const { code, output } = await run(process.execPath, args, { seconds: 600 });
console.log(output.trim());
verdict(CHECK, code === 0 ? [] : [`exit code ${code}`]);
