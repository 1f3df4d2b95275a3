/**
 * Links: opening what the address of the page carries, and making one for what is shown.
 */
import type { ExampleEntry } from '../session/program.ts';
import type { DecodeShare, EncodeShare } from '../share.ts';
import type { LabState } from './lab-state.ts';
import type { Laboratory } from './laboratory.ts';
import type { Store } from './store.ts';

/** How links are written and read. */
export interface LinkCodec {
  readonly encodeShare: EncodeShare;
  readonly decodeShare: DecodeShare;
}

export class Links {
  private readonly lab: Laboratory;
  private readonly store: Store<LabState>;
  private readonly codec: LinkCodec;
  /** The part behind `#` that is open; a change that the page itself makes is no reason to open it again. */
  private current: string | undefined;

  constructor(lab: Laboratory, store: Store<LabState>, codec: LinkCodec) {
    this.lab = lab;
    this.store = store;
    this.codec = codec;
  }

  /** Opens a link; one that is damaged is said to be so, and the first example is opened if nothing is. */
  async open(hash: string): Promise<void> {
    if (hash === this.current) return;
    this.current = hash;
    const decoded = await this.codec.decodeShare(hash);
    if (decoded === undefined) return this.openFirst(undefined);
    if (!decoded.ok) return this.openFirst(decoded.error.text);
    const shared = decoded.value;
    if (shared.kind === 'program')
      return this.lab.openShared(shared.program, shared.configuration, shared.schedule);
    const example = this.store.state.examples.find(({ name }) => name === shared.name);
    if (example === undefined) return this.openFirst(`There is no example “${shared.name}”.`);
    return this.lab.openExample(example, shared.schedule ?? example.schedule);
  }

  /** Opens an example of the menu; a reload of the page opens it again. */
  async choose(example: ExampleEntry): Promise<void> {
    const hash = await this.codec.encodeShare({ kind: 'example', name: example.name, schedule: undefined });
    this.put(hash);
    await this.lab.openExample(example);
  }

  /** Opens the first example if nothing is open, and says why it is not what the link names. */
  private async openFirst(notice: string | undefined): Promise<void> {
    const { program, examples } = this.store.state;
    const [first] = examples;
    const opening = program.text === '' && first !== undefined ? this.lab.openExample(first) : undefined;
    if (notice !== undefined) this.store.set({ notice });
    await opening;
  }

  /** Makes a link to what is shown, puts it into the address, and copies it where the browser allows that. */
  async share(): Promise<void> {
    const { example, isEdited, configuration, program, run, examples } = this.store.state;
    const schedule = run?.schedule;
    const given = examples.find(({ name }) => name === example)?.configuration ?? {};
    const isExample =
      example !== undefined && !isEdited && JSON.stringify(configuration) === JSON.stringify(given);
    const hash = await this.codec.encodeShare(
      isExample
        ? { kind: 'example', name: example, schedule }
        : { kind: 'program', program, configuration, schedule },
    );
    this.put(hash);
    const link = location.href;
    const isCopied = await copied(link);
    this.store.set({
      link,
      said: isCopied ? 'The link is copied.' : 'The link is in the field beside the button.',
    });
  }

  private put(hash: string): void {
    this.current = hash;
    history.replaceState(null, '', hash);
  }
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
