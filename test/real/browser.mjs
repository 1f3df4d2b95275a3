/**
 * The built library and the report page of the explorer in a real browser; the trace file against the
 * format that a browser reads.
 *
 *     node test/real/browser.mjs [--screenshots DIRECTORY]
 *
 * Needs Debian's chromium and what `npm run build` makes. Talks to the browser over its debugging pipe.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { NOT_RUN, needTools, root, run, scratchDirectory, verdict } from './harness.mjs';

const CHECK = 'a real browser';
const EXAMPLES = ['atomic-to-local', 'lost-wake-up', 'nested-kmap'];
const { values } = parseArgs({ options: { screenshots: { type: 'string' } } });
needTools(CHECK, 'chromium');
if (!existsSync(join(root, 'dist/cli/scatterlist.js'))) {
  console.log(`NOT RUN: ${CHECK}: nothing is built; npm run build`);
  process.exit(NOT_RUN);
}

const scratch = scratchDirectory();
const problems = [];
const expect = (right, what) => {
  if (!right) problems.push(what);
};

/** Starts the browser; what it answers speaks the DevTools protocol, to the browser or to one page. */
function startBrowser() {
  const flags =
    '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
    '--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1280,900 --remote-debugging-pipe';
  const child = spawn('chromium', [...flags.split(' '), `--user-data-dir=${join(scratch, 'profile')}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // A group of its own: its helper processes go with it.
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  };
  process.on('exit', kill);
  const [, , , requests, answers] = child.stdio;
  const waiting = new Map();
  const listeners = new Set();
  let last = 0;
  let rest = '';
  child.on('error', (error) => waiting.forEach(({ reject }) => reject(error)));
  child.on('exit', () => waiting.forEach(({ reject }) => reject(new Error('the browser ended'))));
  requests.on('error', () => undefined);
  answers.setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages.map((json) => JSON.parse(json))) {
      const request = waiting.get(message.id);
      waiting.delete(message.id);
      if (request === undefined) listeners.forEach((listener) => listener(message));
      else if (message.error === undefined) request.resolve(message.result);
      else request.reject(new Error(`${request.method}: ${message.error.message}`));
    }
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { method, resolve, reject });
      requests.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
  // Once its output is closed, its helper processes are gone, too.
  const ended = new Promise((resolve) => child.on('close', resolve));
  return { send, listeners, stop: () => (kill(), ended) };
}

/** Opens a page and answers what the checks do with it; its errors become problems. */
async function open(browser, url) {
  const name = basename(new URL(url).pathname);
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const loaded = new Promise((resolve) => {
    browser.listeners.add(({ method, params, sessionId: from }) => {
      if (from !== sessionId) return;
      if (method === 'Page.loadEventFired') resolve();
      if (method === 'Runtime.exceptionThrown') {
        const { text, exception } = params.exceptionDetails;
        problems.push(`${name}: ${exception?.description ?? text}`);
      }
      if (method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(params.type))
        problems.push(`${name}: console: ${JSON.stringify(params.args)}`);
      if (method === 'Log.entryAdded' && params.entry.level === 'error')
        problems.push(`${name}: ${params.entry.text} ${params.entry.url ?? ''}`);
    });
  });
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`);
  await send('Page.navigate', { url });
  await loaded;
  return {
    async evaluate(expression) {
      const options = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await send('Runtime.evaluate', options);
      if (exceptionDetails === undefined) return result.value;
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    },
    async press(key) {
      const text = key.length === 1 ? key : undefined;
      await send('Input.dispatchKeyEvent', {
        type: text === undefined ? 'rawKeyDown' : 'keyDown',
        key,
        text,
      });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', key });
    },
    async click(x, y) {
      for (const type of ['mousePressed', 'mouseReleased'])
        await send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    },
    async screenshot(as) {
      if (values.screenshots === undefined) return;
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      writeFileSync(join(values.screenshots, `${as}.png`), Buffer.from(data, 'base64'));
    },
    async dark() {
      const features = [{ name: 'prefers-color-scheme', value: 'dark' }];
      await send('Emulation.setEmulatedMedia', { features });
    },
  };
}

const LIBRARY_SCRIPT = `
import { ViolationError, createMachine, sgAllocTableFromPages, sgCopyToBuffer, sgMap, sgUnmap } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { defineProgram, exhaustive, explore } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import * as backend from 'scatterlist/backend';
import * as conformance from 'scatterlist/conformance';

const machine = createMachine({ cpus: 2 });
const task = machine.task('page');
const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
const made = sgAllocTableFromPages(pages, { offset: 100, size: 9000 });
if (!made.ok) throw new Error(made.error.code);
const local = kmapLocal(task);
let next = 0;
for (const sg of made.value) {
  const m = sgMap(sg, 0, local).value;
  for (let i = 0; i < m.bytes.length; i += 1) m.bytes[i] = next++ % 251;
  sgUnmap(m);
}
const out = new Uint8Array(9000);
const copied = sgCopyToBuffer(made.value, out, local);

let report = '';
const [first, second] = made.value;
try {
  const a = sgMap(first, 0, local).value;
  const b = sgMap(second, 0, local).value;
  sgUnmap(a); // WRONG: the older one first
  sgUnmap(b);
} catch (error) {
  if (!(error instanceof ViolationError)) throw error;
  report = error.message;
}

function* addOne({ task, page }) {
  const m = kmapLocalPage(task, page);
  const seen = m.load8(0);
  yield;
  m.store8(0, seen + 1);
  kunmapLocal(task, m);
}
const counter = (...names) => defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (m) => ({ page: m.allocPage({ zone: 'highmem' }) }),
  tasks: Object.fromEntries(names.map((name) => [name, addOne])),
  check: ({ page, memory }) => memory.load8(page, 0) === names.length,
});
const raced = explore(counter('one', 'two'), exhaustive());

globalThis.outcome = {
  copied: copied.ok ? copied.value : copied.error.code,
  right: out.every((byte, i) => byte === i % 251),
  report,
  raced: { kind: raced.kind, rule: raced.violation?.rule },
  alone: explore(counter('one'), exhaustive()).kind,
  entries: [backend, conformance].every((entry) => Object.keys(entry).length > 0),
};
`;

/** A page as a user would write it: the library by an import map, the code in a script of the page. */
function libraryPage() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const imports = Object.entries(exports).flatMap(([subpath, target]) =>
    target?.import === undefined || subpath.includes('*')
      ? []
      : [[`scatterlist${subpath.slice(1)}`, target.import.default.slice(1)]],
  );
  const map = JSON.stringify({ imports: Object.fromEntries(imports) });
  return `<!doctype html>\n<link rel="icon" href="data:,">\n<script type="importmap">${map}</script>\n<script type="module">${LIBRARY_SCRIPT}</script>\n`;
}

/** Serves the page and the ES modules of the build, nothing else. */
async function serve(page) {
  const server = createServer(({ url }, response) => {
    const file = join(root, new URL(url, 'http://page').pathname);
    const isModule = file.startsWith(join(root, 'dist/esm/')) && extname(file) === '.js' && existsSync(file);
    if (url === '/page.html') response.setHeader('content-type', 'text/html').end(page);
    else if (isModule) response.setHeader('content-type', 'text/javascript').end(readFileSync(file));
    else response.writeHead(url === '/favicon.ico' ? 204 : 404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function checkLibrary(browser) {
  const html = libraryPage();
  const server = await serve(html);
  const page = await open(browser, `http://127.0.0.1:${server.address().port}/page.html`);
  const outcome = await page.evaluate('globalThis.outcome');
  server.close();
  if (outcome === undefined) return problems.push('page.html: the script of the page did not end');
  const wrong = 1 + html.split('\n').findIndex((line) => line.includes('WRONG'));
  expect(
    outcome.copied === 9000 && outcome.right,
    `sgCopyToBuffer answers ${outcome.copied}, or wrong bytes`,
  );
  expect(outcome.report.includes('rule: unmap-order'), `no report of the wrong order: ${outcome.report}`);
  expect(
    outcome.report.includes(`page.html:${wrong}\n`),
    `the report does not name page.html:${wrong}: ${outcome.report}`,
  );
  const { kind, rule } = outcome.raced;
  expect(kind === 'violation' && rule === 'lost-write', `the race is not found: ${kind} ${rule}`);
  expect(outcome.alone === 'exhausted', `one task alone: ${outcome.alone}`);
  expect(outcome.entries, 'an entry is empty');
}

// What a person sees: which line is marked, and what stands beside it.
const SEEN = `({
  now: [...document.querySelectorAll('#timeline tbody tr')].findIndex((row) => row.classList.contains('now')),
  marked: document.querySelectorAll('tr.now').length,
  slots: document.getElementById('slots').textContent,
})`;

async function checkReport(browser, name, file) {
  const page = await open(browser, pathToFileURL(file).href);
  const { rows } = await page.evaluate(`JSON.parse(document.getElementById('data').textContent)`);
  const lines = await page.evaluate(`document.querySelectorAll('#timeline tbody tr').length`);
  expect(rows.length > 2 && lines === rows.length, `${name}: ${lines} lines for ${rows.length} events`);
  const shows = async (at, after) => {
    const seen = await page.evaluate(SEEN);
    expect(
      seen.marked === 1 && seen.now === at,
      `${name}: after ${after} line ${seen.now} is marked, not ${at}`,
    );
    const { live, local, pool } = rows[at].slots;
    const missing = [...live, ...local, ...pool].filter((text) => !seen.slots.includes(text));
    expect(missing.length === 0, `${name}: after ${after} no slot "${missing[0]}"`);
    return seen.slots;
  };
  const end = rows.length - 1;
  await page.screenshot(`${name}-end`);
  await shows(end, 'opening');
  expect((await page.evaluate('scrollY')) === 0, `${name}: opens below the report`);
  await page.press('Home');
  const before = await shows(0, 'Home');
  await page.press('ArrowUp');
  await shows(0, 'up at the start');
  const most = rows.findIndex(({ slots }) => slots.live.length > rows[0].slots.live.length);
  for (let at = 1; at <= most; at += 1) {
    await page.press(at % 2 === 0 ? 'j' : 'ArrowDown');
    await shows(at, 'a step down');
  }
  expect((await shows(most, 'stepping')) !== before, `${name}: no change of the slots is shown`);
  await page.press('k');
  await page.press('ArrowUp');
  await shows(Math.max(0, most - 2), 'two steps up');
  const place = `(() => {
    const row = document.querySelectorAll('#timeline tbody tr')[${most}];
    row.scrollIntoView({ block: 'nearest' });
    const { left, top, width, height } = row.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  })()`;
  await page.click(...(await page.evaluate(place)));
  expect((await shows(most, 'a click')) !== before, `${name}: a click changes no slot`);
  const wide = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;
  expect((await page.evaluate(wide)) <= 0, `${name}: wider than a window of 1280 points`);
  await page.dark();
  await page.screenshot(`${name}-clicked`);
  await page.press('End');
  await shows(end, 'End');
  return rows;
}

/** Holds a trace file against the trace event format; `live` mappings are those that nobody released. */
function checkTrace(name, { traceEvents }, live) {
  const number = (event, ...keys) => keys.every((key) => Number.isFinite(event[key]) && event[key] >= 0);
  const tracks = new Set(traceEvents.filter(({ ph }) => ph === 'M').map(({ tid }) => tid));
  const open = new Map();
  const used = new Set();
  for (const event of traceEvents) {
    const { ph, id, tid, ts } = event;
    const key = `${event.cat}/${event.name}/${id}`;
    const say = (right, what) => expect(right, `${name}: ${what}: ${JSON.stringify(event)}`);
    say(['M', 'X', 'i', 's', 'f'].includes(ph), 'unknown phase');
    say(number(event, 'ts', 'pid', 'tid') && typeof event.name === 'string', 'a field is missing');
    say(tracks.has(tid), 'no track has this name');
    if (ph === 'M') say(event.name === 'thread_name' && event.args?.name !== '', 'not a name of a track');
    if (ph === 'X') say(number(event, 'dur'), 'no duration');
    if (ph === 'i') say(['g', 'p', 't'].includes(event.s), 'no scope');
    if (ph !== 's' && ph !== 'f') continue;
    const inside = traceEvents.some((x) => x.ph === 'X' && x.tid === tid && x.ts <= ts && ts <= x.ts + x.dur);
    say(inside && event.cat !== undefined, 'a flow needs a slice around it and a category');
    if (ph === 's') {
      say(!used.has(key), 'a flow begins twice');
      used.add(key);
      open.set(key, ts);
    } else {
      say(open.get(key) <= ts, 'a flow ends that has not begun');
      open.delete(key);
    }
  }
  expect(open.size === live, `${name}: ${open.size} flows without an end, ${live} mappings live at the end`);
  expect(used.size > 0, `${name}: no flows`);
}

const browser = startBrowser();
try {
  await checkLibrary(browser);
  for (const name of EXAMPLES) {
    const [html, trace] = [`${name}.html`, `${name}.json`].map((file) => join(scratch, file));
    const args = ['explore', join(root, `examples/explore/${name}.ts`), '--html', html, '--trace', trace];
    const { code, output } = await run(process.execPath, [join(root, 'dist/cli/scatterlist.js'), ...args]);
    if (code !== 1) throw new Error(`explore ${name} ended with ${code}: ${output.slice(-2000)}`);
    const rows = await checkReport(browser, name, html);
    checkTrace(name, JSON.parse(readFileSync(trace, 'utf8')), rows.at(-1).slots.live.length);
  }
} catch (error) {
  problems.push(String(error.stack));
}
await browser.stop();
verdict(CHECK, problems);
process.exit();
