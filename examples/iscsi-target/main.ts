/**
 * An iSCSI target whose disk and data path live in scatterlists of simulated pages.
 *
 *     npm run -s iscsi-target -- --listen 127.0.0.1:3260 --size 100M --backend kmap-local
 */
import { existsSync, statSync } from 'node:fs';
import { loadImage, saveImage } from './image.ts';
import { parseOptions, USAGE, UsageError } from './options.ts';
import { serve } from './server.ts';
import { Target } from './target.ts';

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), (file) => statSync(file).size);
  const target = new Target(options, log);
  const { image } = options;
  if (image !== undefined && existsSync(image)) target.withStore('load', (store) => loadImage(image, store));
  const server = await serve(target, options);
  target.portal = `${options.host}:${String(server.port)}`;
  log(`listening on ${target.portal} as ${options.iqn}`);
  const stop = (): void => {
    process.off('SIGTERM', stop);
    process.off('SIGINT', stop);
    server.close();
    if (image !== undefined) target.withStore('save', (store) => saveImage(image, store));
    process.exitCode = target.destroy() ? 0 : 1;
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  const usage = error instanceof UsageError;
  process.stderr.write(usage ? `${error.message}\n${USAGE}\n` : `${String(error)}\n`);
  process.exitCode = usage ? 2 : 1;
});
