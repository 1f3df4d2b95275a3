/** Writes the table of ports in the README: what the audit says of the original variant of each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { auditPort, countSites, isPort } from 'scatterlist/ports';
import type { PortAudit } from 'scatterlist/ports';
import { PORTS } from '../examples/drivers/index.ts';

const README = join(import.meta.dirname, '..', 'README.md');
const BLOCK = /(<!-- ports -->\n)[^]*(<!-- end of ports -->)/;

const DRIVERS = join(import.meta.dirname, '..', 'examples', 'drivers');

/** The file of each port, by its name: those that the list of ports imports. */
export async function filesOfPorts(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const list = readFileSync(join(DRIVERS, 'index.ts'), 'utf8');
  for (const [, file = ''] of list.matchAll(/ from '\.\/(.+\.ts)';/g)) {
    const loaded: unknown = await import(pathToFileURL(join(DRIVERS, file)).href);
    if (typeof loaded === 'object' && loaded !== null && 'default' in loaded && isPort(loaded.default))
      files.set(loaded.default.name, `examples/drivers/${file}`);
  }
  return files;
}

function row(audit: PortAudit, file: string): string {
  const { local, global } = countSites([audit]);
  const best = new Set(audit.sites.map((site) => site.needs.mechanism ?? site.best ?? 'no backend'));
  const names = [...best].map((name) => `\`${name}\``).join(', ');
  const count = `${String(local)} : ${String(global)}`;
  return `| [${audit.port}](${file}) | \`${audit.follows}\` | ${count} | ${verdictOn(audit)} | ${names} | ${audit.steps[0]?.linux ?? ''} |`;
}

/** What was observed that decides which backends serve the port. */
function verdictOn({ sites }: PortAudit): string {
  const needs = sites.map((site) => site.needs);
  const users = [...new Set(needs.flatMap(({ usedBy }) => usedBy))];
  const facts = [
    ...(sites.length === 0 ? ['maps no page'] : []),
    ...(users.length > 0 ? [`**global**: ${users.join(', ')}`] : sites.length > 0 ? ['local'] : []),
    ...(needs.some(({ isReleasedInOrder }) => !isReleasedInOrder) ? ['older map released first'] : []),
    ...(needs.some(({ isAtomic, contexts }) => isAtomic || contexts.some((kind) => kind !== 'task'))
      ? ['atomic']
      : []),
    ...(needs.some(({ sleptOn }) => sleptOn.length > 0) ? ['held across a sleep'] : []),
    ...(needs.some(({ pages }) => pages > 1) ? ['pages in a row'] : []),
  ];
  return facts.join(', ');
}

/** The README with the table as it should be. */
export async function withPorts(readme: string): Promise<string> {
  const content = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
  const audits: PortAudit[] = [];
  for (const port of PORTS) {
    const loaded = await port.load({ name: 'a pattern', content });
    audits.push(auditPort(loaded, Object.keys(port.variants)[0] ?? ''));
  }
  const files = await filesOfPorts();
  const { local, global } = countSites(audits);
  const table = [
    '| port | Linux file | local : global | verdict | cheapest backend, site by site | in Linux |',
    '|---|---|---|---|---|---|',
    ...audits.map((audit) => row(audit, files.get(audit.port) ?? '')),
    `| all sites of these ports | | ${String(local)} : ${String(global)} | ${String(Math.round((100 * local) / (local + global)))} % local | | |`,
    '| callers of `kmap` in the kernel of 2020, counted by hand | | 204 : 22 | 90 % local | | |',
  ];
  return readme.replace(BLOCK, (_, begin: string, end: string) => `${begin}${table.join('\n')}\n${end}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(README, await withPorts(readFileSync(README, 'utf8')));
