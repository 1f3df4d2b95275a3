/**
 * An iSCSI target whose disk and data path live in scatterlists of simulated pages.
 *
 *     npm run -s iscsi-target -- --listen 127.0.0.1:3260 --size 100M --backend kmap_local
 */
import { inspectImage, messageOf } from './image/inspect.ts';
import { ServedImage } from './image/served-image.ts';
import { parseOptions, USAGE } from './options.ts';
import type { Options } from './options.ts';
import { Refusal } from './refusal.ts';
import { serve } from './server.ts';
import type { Listening } from './server.ts';
import { Target } from './target.ts';

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends the target: closes all connections, writes everything back and frees all memory. */
async function end(server: Listening, target: Target, closeImage: () => Promise<boolean>): Promise<void> {
  server.close();
  const kept = await closeImage();
  process.exitCode = target.destroy() && kept ? 0 : 1;
}

async function start(options: Options, image: ServedImage | undefined): Promise<void> {
  const target = new Target(options, log, image);
  const disk = target.openStore('image');
  await image?.load(disk.store);
  const closeImage = async (): Promise<boolean> => {
    const kept = (await image?.close()) ?? true;
    disk.close();
    return kept;
  };
  const server = await serve(target, options);
  target.portal = `${options.host}:${String(server.port)}`;
  image?.start();
  let ending = false;
  const stop = (): void => {
    // A signal often comes twice: from the terminal, which sends it to all of its processes, and from npm.
    if (ending) return warn('the target is writing back; it ends when it is done');
    ending = true;
    end(server, target, closeImage).catch(fail);
  };
  // After SIGHUP there may be no terminal, and output then fails. The target still has to write back.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  log(`listening on ${target.portal} as ${options.iqn}`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), (file) => inspectImage(file)?.sizeBytes);
  if (options.help) return log(USAGE);
  const { image: file } = options;
  if (file === undefined)
    warn(
      `the disk is only in memory: everything written to it is lost when the target ends (--image FILE keeps it)`,
    );
  const image = file === undefined ? undefined : await ServedImage.open({ ...options, file, report: warn });
  try {
    await start(options, image);
  } catch (error) {
    await image?.close();
    throw error;
  }
}

function fail(error: unknown): void {
  warn(messageOf(error));
  process.exitCode = error instanceof Refusal ? 2 : 1;
}

main().catch(fail);
