/** The file operations that images need, as an interface, so that tests can use files that fail or lose data. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One open file. Every method rejects with the error of the file system. */
export interface ImageFile {
  /** Reads until `target` is full or the file ends; returns the number of bytes. */
  read(target: Uint8Array, at: number): Promise<number>;
  /** Writes all of `source`. */
  write(source: Uint8Array, at: number): Promise<void>;
  /** Returns when everything written is on the medium. */
  sync(): Promise<void>;
  size(): Promise<number>;
  truncate(lengthBytes: number): Promise<void>;
  close(): Promise<void>;
}

class NodeFile implements ImageFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    for (let done = 0; done < target.length;) {
      const { bytesRead } = await this.#handle.read(target, done, target.length - done, at + done);
      if (bytesRead === 0) return done;
      done += bytesRead;
    }
    return target.length;
  }

  async write(source: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < source.length;) {
      const { bytesWritten } = await this.#handle.write(source, done, source.length - done, at + done);
      done += bytesWritten;
    }
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async size(): Promise<number> {
    const { size } = await this.#handle.stat();
    return size;
  }

  async truncate(lengthBytes: number): Promise<void> {
    await this.#handle.truncate(lengthBytes);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** How a file is opened: to read, to read and write, or to make it. A file that is made must not exist. */
export type OpenMode = 'read' | 'write' | 'create';

const FLAGS = { read: 'r', write: 'r+', create: 'wx+' } as const;

/** Opens a file. */
export async function openFile(path: string, mode: OpenMode): Promise<ImageFile> {
  return new NodeFile(await open(path, FLAGS[mode]));
}

/** Returns when the name of a file that was made or removed is on the medium. */
export async function syncDirectoryOf(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r').catch(() => undefined);
  // Some systems cannot open or sync a directory, and do not need it.
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}
