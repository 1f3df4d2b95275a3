/**
 * Puts the page together: state, worker, editor, keys, links.
 */
import { render } from 'lit-html';
import { loadScript } from '../base/load-script.ts';
import { makePlainEditor } from '../editor/plain-editor.ts';
import type { LineMark, ProgramEditor } from '../editor/program-editor.ts';
import type { LabClient } from '../session/client.ts';
import type { Moment, ScheduleRun } from '../session/messages.ts';
import type { ExampleEntry } from '../session/program.ts';
import type { DecodeShare, EncodeShare } from '../share.ts';
import { INITIAL_STATE } from '../state/lab-state.ts';
import type { LabState } from '../state/lab-state.ts';
import { Laboratory } from '../state/laboratory.ts';
import { Links } from '../state/links.ts';
import { Store } from '../state/store.ts';
import { onKey } from './keys.ts';
import { keepInView } from './keep-in-view.ts';
import { page } from './page.ts';

/** What the page needs of its other parts. */
export interface PageParts {
  readonly client: LabClient;
  /** The programs of the menu come once the page is drawn. */
  readonly loadExamples: () => Promise<readonly ExampleEntry[]>;
  readonly encodeShare: EncodeShare;
  readonly decodeShare: DecodeShare;
}

/** Draws the page into an element and opens what the address names, or the first example. */
export async function startPage(app: HTMLElement, parts: PageParts): Promise<void> {
  const { client, loadExamples } = parts;
  const editorHost = document.createElement('div');
  editorHost.className = 'editor';
  const store = new Store<LabState>(INITIAL_STATE, draw);
  const lab = new Laboratory(client, store);
  const links = new Links(lab, store, parts);
  const onEdit = (): void => lab.edit(editor.text);
  let editor: ProgramEditor = makePlainEditor(editorHost, '', onEdit);
  let marked: LineMark | undefined;

  function draw(state: LabState): void {
    render(
      page(state, {
        lab,
        editorHost,
        choose: (example) => void links.choose(example),
        share: () => links.share(),
        dismiss: () => store.set({ notice: undefined }),
      }),
      app,
    );
    if (editor.text !== state.program.text) editor.setText(state.program.text);
    const title = state.examples.find(({ name }) => name === state.example)?.title ?? 'Laboratory';
    document.title = `${title} · scatterlist`;
    const mark = markOf(state);
    if (mark?.line !== marked?.line || mark?.kind !== marked?.kind) editor.mark(mark);
    marked = mark;
    keepInView(app);
  }

  app.replaceChildren();
  draw(store.state);
  document.addEventListener('keydown', (event) =>
    onKey(event, lab, (store.state.run?.moments.length ?? 1) - 1),
  );
  try {
    store.set({ examples: await loadExamples() });
  } catch (error) {
    store.set({ notice: error instanceof Error ? error.message : String(error) });
  }
  addEventListener('hashchange', () => void links.open(location.hash));
  await links.open(location.hash);
  try {
    await loadScript('editor.js');
  } catch {
    // The text area does what is needed.
  }
  if (globalThis.scatterlistEditor === undefined) return;
  const hadFocus = editorHost.contains(document.activeElement);
  editor.remove();
  editor = globalThis.scatterlistEditor(editorHost, store.state.program.text, onEdit);
  editor.mark(marked);
  if (hadFocus) editor.focus();
}

/** The line of a moment; where no line caused it, the last that its actor ran, or else the first that it will run. */
function lineOf({ moments }: ScheduleRun, at: number): number | undefined {
  const actor = moments[at]?.actor;
  const isOfActor = (moment: Moment): boolean => moment.actor === actor && moment.line !== undefined;
  const last = moments.slice(0, at + 1).findLast(isOfActor);
  return (last ?? moments.slice(at).find(isOfActor))?.line;
}

/** The line that the editor marks: where the program cannot be read, or where the machine is. */
function markOf({ problem, run, at }: LabState): LineMark | undefined {
  if (problem !== undefined)
    return problem.line === undefined ? undefined : { line: problem.line, kind: 'problem' };
  if (run === undefined) return undefined;
  const isViolation = run.violation?.moment === at;
  const line = (isViolation ? run.violation?.line : undefined) ?? lineOf(run, at);
  return line === undefined ? undefined : { line, kind: isViolation ? 'violation' : 'now' };
}
