/**
 * Builds the laboratory page into site/dist/lab, and says how large it is.
 *
 *   npm run site:lab
 */
import { join } from 'node:path';
import { ROOT } from '../public-api.ts';
import { buildLab } from './build.ts';

const built = await buildLab(join(ROOT, 'site/dist/lab'));
for (const { file, bytes, gzippedBytes } of built)
  console.log(`${file.padEnd(24)} ${kilo(bytes)} KB, ${kilo(gzippedBytes)} KB compressed`);

function kilo(bytes: number): string {
  return (bytes / 1000).toFixed(1).padStart(8);
}
