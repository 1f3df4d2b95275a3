/** Files made by tools/: compared with what would be made now, or with UPDATE_DOCS=1 written. */
import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export function expectUpToDate(path: string, text: string): void {
  if (process.env['UPDATE_DOCS'] !== undefined) {
    writeFileSync(path, text);
    return;
  }
  const stored = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (stored === text) return;
  // Only what differs: the files are long.
  const [before, now] = [stored.split('\n'), text.split('\n')];
  const gone = before.filter((line) => !now.includes(line));
  const added = now.filter((line) => !before.includes(line));
  expect({ gone, added }, `${path}: npm run docs`).to.deep.equal({ gone: [], added: [] });
  throw new Error(`${path}: the same lines in another order: npm run docs`);
}
