/**
 * The script of the page.
 */
import { loadExamples } from '../examples.ts';
import { startClient } from '../session/start-client.ts';
import { decodeShare, encodeShare } from '../share.ts';
import { startPage } from './start-page.ts';

const app = document.getElementById('app');
if (app !== null) void start(app);

async function start(place: HTMLElement): Promise<void> {
  await startPage(place, { client: startClient(), examples: await loadExamples(), encodeShare, decodeShare });
}
