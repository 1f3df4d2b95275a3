/**
 * The laboratory page in a real browser, from a server and from files: edit, run, step, search, find, share, cancel; what
 * goes wrong; and whether it can be used with a keyboard and a screen reader, on a telephone, light and dark.
 *
 *     node test/real/lab.mjs [--screenshots DIRECTORY]
 *
 * Needs Debian's chromium; builds the pages by `npm run site:lab`.
 */
/* global document, innerWidth, location, MutationObserver, performance */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { must, needTools, root, verdict } from './harness.mjs';

const CHECK = 'the laboratory in a real browser';
/** What the first view may weigh, compressed. */
const MOST_KIB = 250;
/** The goal is a second; a machine that is busy with other tests is slower. */
const MOST_READY_MS = 15_000;
const { values } = parseArgs({ options: { screenshots: { type: 'string' } } });
needTools(CHECK, 'chromium');

const LAB = join(root, 'site/dist/lab');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const problems = [];
const expect = (right, what) => {
  if (!right) problems.push(what);
};

/** Serves the folder as any static server does. */
async function serve() {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  const server = createServer((request, response) => {
    const name = new URL(request.url, 'http://localhost').pathname.slice(1) || 'index.html';
    if (!readdirSync(LAB).includes(name)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' });
    response.end(readFileSync(join(LAB, name)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** A page whose errors, and whose requests to anywhere else, are problems. */
async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`page: ${error.stack}`));
  page.on('request', (request) => {
    const url = request.url();
    const isHere =
      ['file:', 'blob:', 'data:'].some((scheme) => url.startsWith(scheme)) ||
      url.startsWith(address.slice(0, 20));
    expect(isHere, `a request to ${url}`);
  });
  await page.goto(address);
  return page;
}

/** Until the machine of the first run is shown. */
async function machineShown(page) {
  await page.waitForSelector('.unit.cpu');
}

const text = (page, selector) => page.locator(selector).first().innerText();
const position = (page) => text(page, '.position');
const picture = async (page, name) => {
  if (values.screenshots === undefined) return;
  mkdirSync(values.screenshots, { recursive: true });
  await page.screenshot({ path: join(values.screenshots, `${name}.png`), fullPage: true });
};

/** Replaces the program in the editor. */
async function write(page, program) {
  await page.waitForSelector('.cm-content');
  await page.locator('.cm-content').fill(program);
}

/** Waits until something is true in the page. */
async function until(page, what, test, argument) {
  try {
    await page.waitForFunction(test, argument, { timeout: 15_000 });
  } catch {
    problems.push(`${what}: did not happen`);
  }
}

const shows = (selector, part) => [selector, part];
const showsText = ([selector, part]) =>
  document.querySelector(selector)?.textContent?.includes(part) === true;

/** In the page: when it can be used, which is when its menu has programs; and what was asked for until then. */
function watchReady() {
  const watcher = new MutationObserver(() => {
    if (document.querySelector('#example option') === null) return;
    watcher.disconnect();
    globalThis.readyAt = performance.now();
  });
  watcher.observe(document, { childList: true, subtree: true });
}

async function checkWeight(browser, address) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(watchReady);
  await page.goto(address);
  await machineShown(page);
  const { ready, shown, early } = await page.evaluate(() => ({
    ready: globalThis.readyAt,
    shown: performance.now(),
    early: performance
      .getEntriesByType('resource')
      .filter(({ startTime }) => startTime < globalThis.readyAt)
      .map(({ name }) => new URL(name).pathname.slice(1)),
  }));
  const weigh = (names) =>
    names.reduce((sum, name) => sum + gzipSync(readFileSync(join(LAB, name))).length, 0) / 1024;
  const names = ['index.html', ...early];
  const first = weigh(names);
  const all = weigh(readdirSync(LAB).filter((name) => !name.startsWith('experiments')));
  console.log(
    `  first view ${first.toFixed(0)} KiB compressed (${names.join(', ')}), usable after ${ready.toFixed(0)} ms; ` +
      `with all parts ${all.toFixed(0)} KiB, machine shown after ${shown.toFixed(0)} ms`,
  );
  expect(names.length >= 4, `only ${names.join(', ')} was asked for`);
  expect(first <= MOST_KIB, `the first view weighs ${first} KiB`);
  expect(ready <= MOST_READY_MS, `usable only after ${ready} ms`);
  await context.close();
}

const RACE = `import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  setup: () => ({ n: 0 }),
  tasks: {
    *one(env) {
      const seen = env.n;
      yield;
      env.n = seen + 1;
    },
    *two(env) {
      const seen = env.n;
      yield;
      env.n = seen + 1;
    },
  },
  check: ({ n }) => n === 2,
});
`;

/** Three tasks of many steps each, without a bug: more orders than a search gets through. */
const ENDLESS_SEARCH = `import { defineProgram } from 'scatterlist/explore';

function* work(env) {
  for (let i = 0; i < 40; i += 1) {
    env.n = env.n * 3 + env.task.name.length;
    yield;
  }
}
export default defineProgram({
  setup: () => ({ n: 0 }),
  tasks: { a: work, bb: work, ccc: work, dddd: work },
});
`;

async function checkSteps(page) {
  await page.selectOption('#example', { index: 1 });
  const chosen = await page.inputValue('#example');
  await until(page, 'the address names the example', ([name]) => location.hash.includes(name), [chosen]);
  await page.reload();
  await machineShown(page);
  expect((await page.inputValue('#example')) === chosen, 'a reload opens another example');
  await page.selectOption('#example', { index: 0 });
  await machineShown(page);
  await page
    .locator('.panel.finding')
    .focus()
    .catch(() => undefined);
  await page.evaluate(() => document.activeElement?.blur?.());
  await page.keyboard.press('Home');
  await until(page, 'Home', showsText, shows('.position', '0/'));
  const last = Number((await position(page)).split('/')[1]);
  expect(last > 3, `the first example has ${last} moments`);
  const before = await text(page, '.machine');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await until(page, 'two moments forward', showsText, shows('.position', `2/${last}`));
  await page.keyboard.press('ArrowLeft');
  await until(page, 'a moment back', showsText, shows('.position', `1/${last}`));
  await page.keyboard.press('Shift+ArrowRight');
  expect(Number((await position(page)).split('/')[0]) > 1, 'a step forward stays');
  await page.getByRole('button', { name: 'to the end' }).click();
  await until(page, 'the end', showsText, shows('.position', `${last}/${last}`));
  await until(page, 'the machine changes', ([was]) => document.querySelector('.machine')?.innerText !== was, [
    before,
  ]);
  expect(
    (await text(page, '[role=status].unseen')).includes(`Moment ${last} of ${last}`),
    'the moment is not said',
  );
  await page.getByRole('button', { name: 'a moment back' }).click();
  await until(page, 'the button back', showsText, shows('.position', `${last - 1}/${last}`));
  await page.locator('.event').nth(1).click();
  await until(page, 'a click on an event', showsText, shows('.position', '1/'));
  const schedule = await page.inputValue('#schedule');
  await page.fill('#schedule', 'no schedule');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.notice');
  await until(
    page,
    'the schedule that is shown comes back',
    ([was]) => document.querySelector('#schedule')?.value === was,
    [schedule],
  );
  await page
    .locator('.lanes svg')
    .first()
    .click({ position: { x: 3, y: 5 } });
  await until(page, 'a click on the timeline', showsText, shows('.position', '0/'));
}

async function checkFinding(page) {
  await write(page, RACE);
  await until(page, 'the edited program runs', showsText, shows('.program', 'edited'));
  await until(page, 'the race is not hit in the plain order', showsText, shows('.finding', 'final-check'));
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await until(page, 'the search finds it', showsText, shows('.finding', 'What was looked at'));
  expect((await text(page, '.finding')).includes('final-check'), 'the rule is not named');
  expect((await text(page, '.finding')).includes('schedule'), 'the counts are not shown');
  expect((await page.inputValue('#schedule')).includes('.'), 'no schedule');
  await page.keyboard.press('Home');
  await page.getByRole('button', { name: 'Jump to the violation' }).click();
  await until(page, 'the jump', () => {
    const [at, last] = document.querySelector('.position')?.textContent?.split('/') ?? [];
    return at === last;
  });
  await write(
    page,
    RACE.replaceAll(/const seen = env.n;\n {6}yield;\n {6}env.n = seen/g, 'yield;\n      env.n = env.n'),
  );
  await until(page, 'the fixed program is quiet', showsText, shows('.finding', 'No rule is broken'));
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await until(page, 'the search ends', () => document.querySelector('.verdict.good') !== null);
}

async function checkMistakes(page) {
  await write(page, RACE.replace('setup: ()', 'setup: ('));
  await until(page, 'a syntax error is said', () =>
    /line \d+/.test(document.querySelector('.problem')?.textContent ?? ''),
  );
  expect(
    (await page.locator('.marked-line.problem').count()) === 1,
    'the line of the syntax error is not marked',
  );
  await picture(page, 'syntax-error');
  await write(page, RACE.replace('yield;', 'while (true) {}'));
  await until(page, 'an endless loop is ended', () => {
    const problem = document.querySelector('.problem')?.textContent ?? '';
    return problem !== '' && !problem.includes('line 4');
  });
  await write(page, 'export default 1;\n');
  await until(page, 'a file without a program is refused', () => {
    const problem = document.querySelector('.problem')?.textContent ?? '';
    return /default export/.test(problem);
  });
  await write(page, RACE);
  await until(page, 'the program runs again', () => document.querySelector('.problem') === null);
}

async function checkCancel(page) {
  await write(page, ENDLESS_SEARCH);
  await until(page, 'the large program runs', showsText, shows('.finding', 'No rule is broken'));
  await page.selectOption('#strategy', 'random');
  await page.selectOption('#seconds', '300');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await until(page, 'progress is shown', () =>
    /\d+ schedules/.test(document.querySelector('.searching')?.textContent ?? ''),
  );
  await page.keyboard.press('Escape');
  await page.locator('#timeline-title').click();
  await page.getByRole('button', { name: 'to the end' }).click();
  await until(page, 'the search is cancelled', () =>
    document.querySelector('.search-result')?.textContent?.includes('⊘'),
  );
  await page.selectOption('#strategy', 'exhaustive');
}

async function checkSwitches(page) {
  await page.selectOption('#example', { index: 0 });
  await machineShown(page);
  await page.getByRole('switch', { name: 'HIGHMEM' }).click();
  await until(page, 'HIGHMEM is off', () =>
    document.querySelector('.configuration')?.textContent?.includes('Reset'),
  );
  await page.selectOption('#cpus', '3');
  await until(page, 'three CPUs', () => document.querySelectorAll('.unit.cpu').length === 3);
  await page.selectOption('#pool', '8');
  await until(page, 'eight slots', () => document.querySelectorAll('.slot').length === 8);
  await page.getByRole('switch', { name: 'PREEMPT_RT' }).click();
  await page.getByRole('button', { name: 'Reset' }).click();
  await until(page, 'the machine is as before', () => document.querySelectorAll('.unit.cpu').length < 3);
}

async function checkInterrupt(page) {
  const names = await page.locator('#example option').evaluateAll((all) => all.map(({ value }) => value));
  const name = names.find((one) => one.includes('lost-wake-up'));
  if (name === undefined) return problems.push('there is no example lost-wake-up');
  await page.selectOption('#example', name);
  const handle = page.getByRole('slider', { name: /^arrival of/ });
  await handle.waitFor();
  const arrival = async () => Number(await handle.getAttribute('aria-valuenow'));
  const schedule = () => page.inputValue('#schedule');
  const [first, at] = [await schedule(), await arrival()];
  await handle.focus();
  await page.keyboard.press('ArrowLeft');
  await until(
    page,
    'the key moves the interrupt',
    ([was]) => document.querySelector('#schedule')?.value !== was,
    [first],
  );
  expect((await arrival()) === at - 1, `the interrupt is at place ${await arrival()}, not at ${at - 1}`);
  expect(await handle.evaluate((one) => one === document.activeElement), 'the handle loses the focus');
  const moved = await schedule();
  const box = await handle.boundingBox();
  await page.mouse.move(box.x + 12, box.y + 12);
  await page.mouse.down();
  const lanes = await page.locator('.lanes svg').first().boundingBox();
  await page.mouse.move(lanes.x + lanes.width - 5, box.y + 12, { steps: 6 });
  await page.mouse.up();
  await until(
    page,
    'dragging moves the interrupt',
    ([was]) => document.querySelector('#schedule')?.value !== was,
    [moved],
  );
}

async function checkShare(browser, page, address) {
  await write(page, RACE);
  await until(page, 'the program runs', showsText, shows('.finding', 'final-check'));
  await page.selectOption('#cpus', '2');
  await until(page, 'two CPUs', () => document.querySelectorAll('.unit.cpu').length === 2);
  const schedule = await page.inputValue('#schedule');
  await page.getByRole('button', { name: 'Share' }).click();
  const link = page.locator('#link');
  await link.waitFor();
  const other = await openPage(browser, await link.inputValue());
  await machineShown(other);
  expect((await other.inputValue('#schedule')) === schedule, 'the link carries no schedule');
  expect((await other.locator('.unit.cpu').count()) === 2, 'the link carries no configuration');
  await other.waitForSelector('.cm-content');
  expect(
    (await other.locator('.cm-content').innerText()).includes('const seen = env.n;'),
    'the link carries no program',
  );
  await other.context().close();
  const hashes = ['#v1=not-base64!', '#v1=AAAA', '#v9=AAAA', '#example=none'];
  const bad = await openPage(browser, `${address}${hashes[0]}`);
  for (const hash of hashes) {
    await bad.evaluate((to) => (location.hash = to), hash);
    await bad.waitForSelector('.notice');
    const explained = await text(bad, '.notice span');
    expect(/^.{10,}$/.test(explained), `${hash} is explained by "${explained}"`);
    await bad.getByRole('button', { name: 'Dismiss' }).click();
    await until(bad, 'the notice is dismissed', () => document.querySelector('.notice') === null);
  }
  await machineShown(bad);
  await bad.context().close();
}

async function checkAxe(browser, address, name, ready) {
  const page = await openPage(browser, address);
  await ready(page);
  await page.evaluate(AXE);
  for (const colorScheme of ['light', 'dark'])
    for (const [width, height] of [
      [360, 740],
      [1440, 900],
    ]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      const found = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run();
        return violations.map(
          ({ id, help, nodes }) =>
            `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
        );
      });
      for (const one of found) problems.push(`axe, ${name}, ${width} points, ${colorScheme}: ${one}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide <= 0, `${name} is ${wide} points wider than a window of ${width}`);
      await picture(page, `${name}-${width}-${colorScheme}`);
    }
  await page.context().close();
}

async function checkExperiments(browser, address) {
  const page = await openPage(browser, `${address}experiments.html#context-switch`);
  const because = () => text(page, '.conclusion');
  await page.waitForSelector('.plot .chart');
  const [before, plot] = [
    await because(),
    await page.locator('.plot .chart polyline').first().getAttribute('points'),
  ];
  await page.getByRole('slider', { name: 'localFlush, cycles' }).press('End');
  await until(
    page,
    'a constant changes the plot',
    ([was]) => document.querySelector('.plot .chart polyline')?.getAttribute('points') !== was,
    [plot],
  );
  expect((await because()) !== before, 'a constant does not change the verdict');
  await page.getByRole('button', { name: 'reset localFlush' }).click();
  await until(
    page,
    'the constant is reset',
    ([was]) => document.querySelector('.conclusion')?.innerText === was,
    [before],
  );
  await page.getByLabel('preemptions', { exact: true }).fill('0');
  await page.keyboard.press('Enter');
  await until(
    page,
    'a parameter out of bounds is refused',
    showsText,
    shows('.notice', 'must be a whole number from 1'),
  );
  await page.selectOption('#experiment', 'bounce');
  await until(page, 'another experiment', () =>
    document.querySelector('.plot h2')?.textContent?.includes('ounce'),
  );
  await page.context().close();
}

/** Runs a check and says how long it took. */
async function timed(name, check) {
  const begin = performance.now();
  await check();
  console.log(`  ${name}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}

async function checkAll(browser, address) {
  const page = await openPage(browser, address);
  await machineShown(page);
  await timed('steps', () => checkSteps(page));
  await timed('search and finding', () => checkFinding(page));
  await timed('mistakes of the program', () => checkMistakes(page));
  await timed('a search that is cancelled', () => checkCancel(page));
  await timed('switches', () => checkSwitches(page));
  await timed('an interrupt that is moved', () => checkInterrupt(page));
  await timed('links', () => checkShare(browser, page, address));
  await page.context().close();
  await timed('experiments', () => checkExperiments(browser, address));
}

/** From files: what is different there is how the parts are loaded. */
async function checkFromFile(browser) {
  const address = pathToFileURL(join(LAB, 'index.html')).href;
  const page = await openPage(browser, address);
  await machineShown(page);
  await checkFinding(page);
  await page.getByRole('button', { name: 'Share' }).click();
  expect((await page.inputValue('#link')).startsWith('file:'), 'no link from a file');
  await page.context().close();
  const plots = await openPage(browser, pathToFileURL(join(LAB, 'experiments.html')).href);
  await plots.waitForSelector('.plot .chart');
  await plots.context().close();
}

await must('npm', ['run', '-s', 'site:lab'], { seconds: 60 });
const server = await serve();
const browser = await chromium.launch({
  executablePath: (await must('sh', ['-c', 'command -v chromium'])).trim(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  await checkWeight(browser, server.address);
  await checkAll(browser, server.address);
  await timed('from files', () => checkFromFile(browser));
  const plots = `${server.address}experiments.html`;
  await timed('axe', () => checkAxe(browser, server.address, 'lab', machineShown));
  await timed('axe of the experiments', () =>
    checkAxe(browser, plots, 'experiments', (page) => page.waitForSelector('.plot .chart')),
  );
} catch (error) {
  problems.push(String(error.stack));
}
await browser.close();
server.close();
verdict(CHECK, problems);
process.exit();
