/**
 * What the page needs of an editor.
 */

/** A line of the program that is marked. */
export interface LineMark {
  /** Counted from 1. */
  readonly line: number;
  /** `now` is where the machine is, `problem` where the program cannot be read. */
  readonly kind: 'now' | 'violation' | 'problem';
}

/** An editor for one program. */
export interface ProgramEditor {
  readonly text: string;
  /** Replaces the whole text; `onChange` is not called. */
  setText(text: string): void;
  /** Marks a line and brings it into view, or takes the mark away. */
  mark(mark: LineMark | undefined): void;
  focus(): void;
  /** Takes the editor out of the page. */
  remove(): void;
}

/** Makes an editor inside an element. `onChange` is called after each change that the user makes. */
type MakeEditor = (parent: HTMLElement, text: string, onChange: () => void) => ProgramEditor;

declare global {
  /** Set by editor.js, which is loaded after the page can be used. */
  var scatterlistEditor: MakeEditor | undefined;
}
