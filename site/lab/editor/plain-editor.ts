/**
 * A text area: what the page has until the editor is loaded, and if it cannot be.
 */
import type { LineMark, ProgramEditor } from './program-editor.ts';

/** Makes the text area. */
export function makePlainEditor(parent: HTMLElement, text: string, onChange: () => void): ProgramEditor {
  const area = document.createElement('textarea');
  area.className = 'plain-editor mono';
  area.spellcheck = false;
  area.setAttribute('aria-label', 'Program');
  area.value = text;
  area.addEventListener('input', onChange);
  parent.append(area);
  return {
    get text() {
      return area.value;
    },
    setText: (to) => {
      area.value = to;
    },
    mark: (mark) => scrollTo(area, mark),
    focus: () => area.focus(),
    remove: () => area.remove(),
  };
}

/** A text area cannot colour a line. */
function scrollTo(area: HTMLTextAreaElement, mark: LineMark | undefined): void {
  if (mark === undefined) return;
  const lines = area.value.split('\n').length;
  area.scrollTop = (area.scrollHeight * (mark.line - 3)) / lines;
}
