import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sinon from 'sinon';

const COMMAND = pathToFileURL(join(import.meta.dirname, '..', '..', 'lib', 'cli', 'scatterlist.ts')).href;

export interface Ran {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

let runs = 0;

/**
 * Runs the command in this process, because a process of its own takes more than a second to start. The command's module
 * does its work when it is loaded, and each URL is loaded once.
 */
export async function command(...args: readonly string[]): Promise<Ran> {
  const printed = { out: '', err: '' };
  const stubs = [
    sinon.stub(process, 'argv').value([process.execPath, 'scatterlist', ...args]),
    sinon.stub(process.stdout, 'write').callsFake((text) => {
      printed.out += String(text);
      return true;
    }),
    sinon.stub(process.stderr, 'write').callsFake((text) => {
      printed.err += String(text);
      return true;
    }),
  ];
  const before = process.exitCode;
  runs += 1;
  try {
    await import(`${COMMAND}?run=${String(runs)}`);
    return { code: process.exitCode, ...printed };
  } finally {
    process.exitCode = before;
    for (const stub of stubs) stub.restore();
  }
}
