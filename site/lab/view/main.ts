/**
 * The script of index.html.
 */
import { applyTheme, storedTheme } from '../base/theme.ts';
import { loadExamples } from '../examples.ts';
import { startClient } from '../session/start-client.ts';
import { decodeShare, encodeShare } from '../share.ts';
import { startPage } from './start-page.ts';

applyTheme(storedTheme());
const app = document.getElementById('app');
if (app !== null) void startPage(app, { client: startClient(), loadExamples, encodeShare, decodeShare });
