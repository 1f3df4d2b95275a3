/** Writing back: changed blocks go to the journal first, then to their places in the image. */
import type { WriteCache } from '../scsi/command.ts';
import type { ChangedBlocks } from '../store/changed-blocks.ts';
import type { Failure, Store } from '../store/store.ts';
import type { ImageFile } from './file.ts';
import type { Journal } from './journal.ts';

/** What is written back, and where. */
export interface WriteBackParts {
  readonly changes: ChangedBlocks;
  readonly journal: Journal;
  readonly image: ImageFile;
  /** Called with a line when writing back fails, and when it works again. */
  readonly report: (line: string) => void;
}

/** The cache of a disk with an image. */
export class WriteBack implements WriteCache {
  enabled: boolean;
  readonly enabledByDefault: boolean;
  readonly #parts: WriteBackParts;
  #store: Store | undefined = undefined;
  #running: Promise<Failure> | undefined = undefined;
  #next: Promise<Failure> | undefined = undefined;
  /** Whether the journal is complete and the image may have only a part of it. */
  #isImageBehind = false;
  #lastError: string | undefined = undefined;

  constructor(parts: WriteBackParts, enabled: boolean) {
    this.#parts = parts;
    this.enabled = enabled;
    this.enabledByDefault = enabled;
  }

  /** Whether the journal has contents that the image needs. */
  get isImageBehind(): boolean {
    return this.#isImageBehind;
  }

  /** Sets the store from which changed blocks are read. */
  readFrom(store: Store): void {
    this.#store = store;
  }

  flush(): Promise<Failure> {
    if (this.#running === undefined) return this.#start();
    // The flush that runs took its snapshot before this call, which therefore needs the next flush.
    this.#next ??= this.#running.then(() => this.#start());
    return this.#next;
  }

  #start(): Promise<Failure> {
    this.#next = undefined;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<Failure> {
    const { report } = this.#parts;
    try {
      await this.#writeBack();
      if (this.#lastError !== undefined) report('what was written is kept again');
      this.#lastError = undefined;
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== this.#lastError)
        report(`what was written cannot be kept: ${why}; it stays in memory and is tried again`);
      this.#lastError = why;
      return { why, full: false };
    }
  }

  async #writeBack(): Promise<void> {
    if (this.#isImageBehind) await this.#apply();
    const { changes, journal, image } = this.#parts;
    if (!changes.any || this.#store === undefined) return;
    const snapshot = changes.snapshot(this.#store);
    let kept = false;
    try {
      await journal.write(snapshot.chunks(), image);
      kept = true;
    } finally {
      changes.end(snapshot, kept);
      // A part of a journal cannot be used, and may fill the file system.
      if (!kept) await journal.clear().catch(() => undefined);
    }
    this.#isImageBehind = true;
    await this.#apply();
  }

  async #apply(): Promise<void> {
    const { journal, image } = this.#parts;
    await journal.applyTo(image);
    this.#isImageBehind = false;
    await journal.clear();
  }
}
