/**
 * The script editor.js, which the page loads once it can be used.
 */
import { makeCodeEditor } from './code-editor.ts';

globalThis.scatterlistEditor = makeCodeEditor;
