/**
 * The editor, on CodeMirror.
 */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { EditorState, StateEffect, StateField } from '@codemirror/state';
import type { Text } from '@codemirror/state';
import { Decoration, EditorView, drawSelection, keymap, lineNumbers } from '@codemirror/view';
import type { DecorationSet } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import type { LineMark, ProgramEditor } from './program-editor.ts';

const setMark = StateEffect.define<LineMark | undefined>();

function decorationOf(mark: LineMark | undefined, text: Text): DecorationSet {
  if (mark === undefined || mark.line < 1 || mark.line > text.lines) return Decoration.none;
  const line = Decoration.line({ class: `marked-line ${mark.kind}` });
  return Decoration.set([line.range(text.line(mark.line).from)]);
}

/** The marked line; it moves with the text. */
const markedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, { changes, effects, state }) => {
    const effect = effects.find((one) => one.is(setMark));
    return effect === undefined ? before.map(changes) : decorationOf(effect.value, state.doc);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Makes the editor. */
export function makeCodeEditor(parent: HTMLElement, text: string, onChange: () => void): ProgramEditor {
  let isOurs = false;
  const extensions = [
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    javascript({ typescript: true }),
    syntaxHighlighting(classHighlighter),
    // Tab leaves the editor, as everywhere on the page.
    keymap.of([...defaultKeymap, ...historyKeymap]),
    markedLine,
    EditorView.contentAttributes.of({ 'aria-label': 'Program', spellcheck: 'false', tabindex: '0' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !isOurs) onChange();
    }),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  return {
    get text() {
      return view.state.doc.toString();
    },
    setText: (to) => {
      isOurs = true;
      view.setState(EditorState.create({ doc: to, extensions }));
      isOurs = false;
    },
    mark: (mark) => showMark(view, mark),
    focus: () => view.focus(),
    remove: () => view.destroy(),
  };
}

function showMark(view: EditorView, mark: LineMark | undefined): void {
  const isThere = mark !== undefined && mark.line >= 1 && mark.line <= view.state.doc.lines;
  const scroll = isThere
    ? [EditorView.scrollIntoView(view.state.doc.line(mark.line).from, { y: 'nearest', yMargin: 40 })]
    : [];
  view.dispatch({ effects: [setMark.of(mark), ...scroll] });
}
