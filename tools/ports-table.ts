/** Writes the table of ports in the README: what the audit says of the original variant of each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { auditPort, countSites } from 'scatterlist/ports';
import type { PortAudit } from 'scatterlist/ports';
import { PORTS } from '../examples/drivers/index.ts';

const README = join(import.meta.dirname, '..', 'README.md');
const BLOCK = /(<!-- ports -->\n)[^]*(<!-- end of ports -->)/;

function row(audit: PortAudit): string {
  const { local, global } = countSites([audit]);
  const best = new Set(audit.sites.map((site) => site.needs.mechanism ?? site.best ?? 'no backend'));
  const names = [...best].map((name) => `\`${name}\``).join(', ');
  return `| ${audit.port} | \`${audit.follows}\` | ${String(local)} : ${String(global)} | ${names} |`;
}

/** The README with the table as it should be. */
export async function withPorts(readme: string): Promise<string> {
  const content = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
  const audits: PortAudit[] = [];
  for (const port of PORTS) {
    const loaded = await port.load({ name: 'a pattern', content });
    audits.push(auditPort(loaded, Object.keys(port.variants)[0] ?? ''));
  }
  const { local, global } = countSites(audits);
  const table = [
    '| port | Linux file | local : global | cheapest backend, site by site |',
    '|---|---|---|---|',
    ...audits.map(row),
    `| all | | ${String(local)} : ${String(global)} | |`,
  ];
  return readme.replace(BLOCK, (_, begin: string, end: string) => `${begin}\n${table.join('\n')}\n\n${end}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(README, await withPorts(readFileSync(README, 'utf8')));
