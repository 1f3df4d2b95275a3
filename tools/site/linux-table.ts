/** The page of Linux functions: docs/linux-api.md as a table for the site, in which our names lead to the reference. */
import { GROUPS } from '../linux-api.ts';
import type { Api, ApiRow } from '../linux-api.ts';
import type { SitePage } from './page.ts';
import type { ReferencePages } from './reference.ts';

/** The anchor of a Linux function on that page. */
export function anchorOf(linuxName: string): string {
  return `fn-${linuxName}`;
}

/** The page. A row that has no page in the reference is an error, because each function has to be found from both sides. */
export function linuxTable(api: Api, pages: ReferencePages): SitePage {
  const mirroring = api.rows.filter((row) => row.linux.length > 0);
  const anchored = new Set<string>();
  const out = [
    // The table needs the width of the list of headings.
    '---',
    'aside: false',
    '---',
    '',
    '# Linux functions, and ours',
    '',
    `${String(new Set(mirroring.flatMap(({ linux }) => linux)).size)} functions of Linux are mirrored. ${String(api.absent.length)} are not; they are listed with the reason.`,
    'Each name of ours leads to its page in the reference, which has its context and its errors, and leads back to the row.',
    '',
    '*Same* means that the function behaves as in Linux. *Differs* means that it does except for what its row says; what only',
    'strict machines refuse or repair is listed under [quirks](/quirks.md). *Proposed* means that it mirrors a series that was',
    'never merged. A function with `yield*` is a generator and may sleep. *In C* names the header for [C code](/c.md).',
    '',
  ];
  for (const group of GROUPS) {
    const rows = mirroring
      .filter((row) => row.group === group)
      .sort((a, b) => (a.linux.join() < b.linux.join() ? -1 : 1));
    out.push(`## ${group}`, '', '| Linux | ours | status | in C | notes |', `|${'---|'.repeat(5)}`);
    out.push(...rows.map((row) => tableRow(row, pages, anchored)), '');
    const absent = api.absent.filter((one) => one.group === group);
    if (absent.length === 0) continue;
    out.push('Not mirrored:', '', '| Linux | why, and what to use instead |', '|---|---|');
    out.push(...absent.map(({ name, note }) => `| \`${name}\` | ${cell(note ?? '')} |`), '');
  }
  const alone = api.rows.filter((row) => row.linux.length === 0 && row.entries.length > 0);
  out.push('## Functions without a counterpart in Linux', '', '| function | nearest in Linux |', '|---|---|');
  out.push(...alone.map((row) => `| ${ourName(row, pages)} | ${cell(row.note)} |`).sort(), '');
  return { path: 'linux-api.md', text: out.join('\n') };
}

function tableRow(row: ApiRow, pages: ReferencePages, anchored: Set<string>): string {
  const linux = row.linux.map((name) => {
    const anchor = anchored.has(name) ? '' : `<a id="${anchorOf(name)}"></a>`;
    anchored.add(name);
    return `${anchor}\`${name}\``;
  });
  const status = /^\d/.test(row.version) ? (row.differs === '' ? 'same' : 'differs') : 'proposed';
  const notes = [row.note, row.differs].filter((part) => part !== '').join('. ');
  const ours = `${ourName(row, pages)}${row.sleeps ? ' `yield*`' : ''}`;
  const cells = [linux.join(', '), ours, `${status}, ${row.version}`, row.c, cell(notes)];
  return `| ${cells.join(' | ')} |`;
}

function ourName(row: ApiRow, pages: ReferencePages): string {
  const page = row.entries
    .map((entry) => pages.get(`${entry} ${row.ours}`))
    .find((found) => found !== undefined);
  if (page === undefined) throw new Error(`the reference has no page for ${row.ours} of ${row.file}`);
  return `[\`${row.ours}\`](${page})`;
}

/** Text of a doc comment in a cell: it is no HTML. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
