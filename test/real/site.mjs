/**
 * The documentation site: it builds, no link is dead, every page that needs an example has one, and pages open in a browser
 * without an error, without a request to another place, and without scrolling sideways.
 *
 *     node test/real/site.mjs [--screenshots DIRECTORY]
 *
 * Needs Debian's chromium for the last part.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { needTools, root, verdict } from './harness.mjs';

const CHECK = 'the documentation site';
const DIST = join(root, 'site/dist');
const PAGES = [
  '',
  'start.html',
  'backend.html',
  'backends/kmap.html',
  'ports/ttm-bo-kmap.html',
  'rules/lost-write.html',
  'api/scatterlist/functions/sgMap.html',
  'linux-api.html',
  'lab-table.html',
  'performance.html',
];
const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
];
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

const { values } = parseArgs({ options: { screenshots: { type: 'string' } } });
const problems = [];

const built = spawnSync('npm', ['run', '-s', 'site'], { cwd: root, encoding: 'utf8' });
if (built.status !== 0) {
  verdict(CHECK, [`npm run site ended with ${built.status}: ${(built.stdout + built.stderr).slice(-3000)}`]);
  process.exit();
}

needTools(CHECK, 'chromium');
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = join(DIST, decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const colorScheme of ['light', 'dark']) {
  for (const viewport of SIZES) {
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    const where = () => `${page.url().slice(origin.length)} at ${viewport.width} px, ${colorScheme}`;
    page.on('pageerror', (error) => problems.push(`${where()}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`${where()}: console: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
        problems.push(`${where()}: asks for ${request.url()}`);
    });
    for (const path of PAGES) {
      await page.goto(`${origin}/${path}`, { waitUntil: 'networkidle' });
      const tooWide = await page.evaluate(
        'document.scrollingElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (tooWide > 0) problems.push(`${where()}: is ${tooWide} px too wide`);
      if (values.screenshots === undefined) continue;
      const name = `${path === '' ? 'index' : path.replace('.html', '').replaceAll('/', '-')}`;
      await page.screenshot({
        path: join(values.screenshots, `${name}-${viewport.width}-${colorScheme}.png`),
      });
    }
    await context.close();
  }
}

// The search finds a function by its name in Linux, without a server.
const page = await browser.newPage({ viewport: SIZES[1] });
await page.goto(`${origin}/`, { waitUntil: 'networkidle' });
await page.keyboard.press('Control+k');
await page.keyboard.type('kmap_local_page');
await page
  .locator('.VPLocalSearchBox .result')
  .first()
  .waitFor({ timeout: 10_000 })
  .catch(() => {
    problems.push('the search finds nothing for kmap_local_page');
  });
await browser.close();
server.close();
verdict(CHECK, problems);
