/** Makes the file of an image that does not exist yet, and removes it again if the start fails. */
import { realpathSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { openFile, syncDirectoryOf } from './file.ts';
import { inspectImage, messageOf } from './inspect.ts';
import type { ImageInfo } from './inspect.ts';

function cannotBeMade(file: string, error: unknown): Refusal {
  return new Refusal(`${file} cannot be made: ${messageOf(error)}`);
}

/** The path that a file will have when it is made, without symbolic links. */
export function pathOfNew(file: string): string {
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch (error) {
    throw cannotBeMade(file, error);
  }
}

/** Makes a file that is one hole, which reads as zeros. If that fails, no file is left. */
export async function makeImage(file: string, sizeBytes: number): Promise<ImageInfo> {
  const image = await openFile(file, 'create').catch((error: unknown) => {
    throw cannotBeMade(file, error);
  });
  try {
    await image.truncate(sizeBytes);
    await syncDirectoryOf(file);
    const info = inspectImage(file);
    if (info === undefined) throw new Error('it was made and is gone');
    return info;
  } catch (error) {
    await unlink(file).catch(() => undefined);
    throw error instanceof Refusal ? error : cannotBeMade(file, error);
  } finally {
    await image.close();
  }
}

/** Removes a file that was made and not used. If another file has its name by now, that file stays. */
export async function removeMade({ path, device, inode, sizeBytes }: ImageInfo): Promise<void> {
  let found: ImageInfo | undefined;
  try {
    found = inspectImage(path);
  } catch {
    // A file that cannot be served is not the one that was made.
    return;
  }
  if (found?.device !== device || found.inode !== inode || found.sizeBytes !== sizeBytes) return;
  await unlink(path).catch(() => undefined);
  await syncDirectoryOf(path);
}
