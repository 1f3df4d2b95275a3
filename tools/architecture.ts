/**
 * Makes docs/architecture.md: a picture of the folders, drawn from the imports, and one paragraph on each folder.
 *
 *   node --import tsx tools/architecture.ts
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { importsOf } from './imports.ts';
import { ROOT, sourceFiles } from './public-api.ts';

/** Where the page is kept. */
export const PAGE: string = join(ROOT, 'docs/architecture.md');

/**
 * What lives in each folder and what does not, from the lowest layer up. A folder inside another comes after it. A new
 * folder of lib/ or backends/ needs a paragraph here; the picture finds it by itself.
 */
export const FOLDERS: Readonly<Record<string, string>> = {
  'lib/base': `
What every other layer needs: \`Result\`, the union of error codes with their numbers and texts, \`InvariantError\` and
\`ConfigError\`, bytes, hashes and checks of options. It knows nothing of Linux and nothing of memory.`,
  'lib/machine': `
The simulated computer: pages of memory by zone, CPUs, TLBs, the data cache, device memory, the ledger of what was done,
the list of rules and the form of a violation. No function of Linux is here, and no mapping.`,
  'lib/kernel': `
The part of the operating system that runs on the computer: tasks and interrupts, the kmap pool and the local slots,
\`kmap\` and its relatives, windows through which memory is read and written, locks, DMA. Lists of pages are not here, and
no function here takes a backend.`,
  'lib/kernel/window': `
Windows, through which code reads and writes mapped memory: the base class with its bounds and reports, system RAM, device
memory; and what a mechanism, a way of mapping, says of itself. The mechanisms themselves are in the rooms above.`,
  'lib/kernel/parts': `
The state behind the mechanisms: local map slots and their tokens, the kmap pool, the vmalloc area, wait queues, folios,
DMA mappings and bus addresses. No function that a driver calls is here, and no context is needed.`,
  'lib/kernel/core': `
The machine itself: tasks, interrupts and who executes, live mappings, the life of pages, and the checks of a checked
machine. It maps nothing.`,
  'lib/kernel/locking': `
Locks and other things that tasks wait for: mutex, semaphores, spin locks, completions, \`wait_event\`.`,
  'lib/kernel/highmem': `
Ways to map system RAM, one per file: \`kmap\`, \`kmap_local_page\`, \`kmap_atomic\`, \`page_address\`, \`vmap\`,
protection keys. Each has its \`pass\` beside it, the accounting that makes copies fast.`,
  'lib/kernel/device': `
Ways to map device memory: \`ioremap\`, \`io_mapping\`, and bounce buffers for the CPU. What a device does to memory is in
\`dma\`.`,
  'lib/kernel/page': `
Helpers that map pages for themselves, work on them and unmap them: copying, zeroing, folios, bio vectors, fragments of
socket buffers.`,
  'lib/kernel/dma': `
Memory mapped for a device: \`dma_map_page\` and its relatives, coherent memory, bounce buffers and an IOMMU in the way.`,
  'lib/kernel/address': `
Access by bare address, as C code makes it through a pointer: each address is resolved through the layout of the address
space. The address space of a user and the copies to and from it are here, too. What is mapped where is decided in the rooms
below.`,
  'lib/mapping': `
What a backend is: its contract as data, the kinds of memory, the types of what map returns and can fail with. It has no
backend and no list.`,
  'lib/scatterlist': `
What a driver calls: scatterlists and the tables that own them, \`sgMap\`, \`SgMiter\`, the copy helpers. It maps pages only
through a backend that it is given; it does not know which.`,
  'lib/scatterlist/list': `
Lists and what is read from them: arrays of entries, chains, tables, counts, iterators, splitting, and the checks of
entries. Nothing is mapped or allocated here.`,
  'lib/scatterlist/alloc': `
Ways to make a list and to free it: tables of a size, from pages, by appending, with pages of their own, from pools, from
an \`iov_iter\`.`,
  'lib/scatterlist/map': `
Mapping a list: \`sgMap\` and \`sgUnmap\`, the mapping iterator \`SgMiter\`, and mapping a list for a device.`,
  'lib/scatterlist/copy': `
The copy helpers. \`walk.ts\` says what a copy means: map, move, unmap, one piece at a time. \`sg-copy.ts\` and
\`list-to-list.ts\` are what users call. All other files are only for speed, and say so.`,
  'lib/explore': `
The explorer: programs, the tasks, interrupts and devices that act in them, and the search through the orders of their
steps. Here a run is driven, recorded and shortened. Rules about single accesses are not here but in the layers below.`,
  'lib/explore/actors': `
What takes steps in a program, one kind per file: tasks, interrupts, interrupts in threads, devices. An actor says what it
can do next and does it. Which actor comes next is decided elsewhere.`,
  'lib/explore/rules': `
Rules that need more than one step to be seen, such as a lost write, one per file. What one machine sees in one step is
reported by the layers below.`,
  'lib/explore/sight': `
Looks for state that a program uses and that the explorer cannot follow, by way of the debugger of the own process. It
only looks: what follows from a finding is decided by the execution and the strategy.`,
  'lib/explore/loops': `
Loops of a task that come back to where they were: how one is recognised, the states that it goes through, and whether it
starves an actor. The search asks; nothing here chooses a step.`,
  'lib/explore/execution': `
One run of a program after another: the machine and its actors, the steps as they are taken, what is observed of them, and
the judgement at the end. Which step comes next is decided by a strategy.`,
  'lib/explore/strategies': `
Ways to choose the next step, one per file: all orders, random ones, a given one. They do not run anything themselves.`,
  'lib/explore/sharing': `
One search done by several threads: each goes through all of it, and leaves out what another has explored to its end. The
tables that they share are here, and the strategy that uses them; threads are started elsewhere.`,
  'lib/explore/report': `
A found schedule as text, as a page and as a trace. Reports read a recorded run; they run nothing and write no file.`,
  'lib/conformance': `
The suite that tests any backend against its own contract, one clause per file. It works with any test runner, so no test
framework is named here.`,
  backends: `
The backends that come with the library, one per file: a contract, and the kernel's functions that map and unmap. What is
simulated lies in \`lib/kernel\`; a backend only connects it. \`index.ts\` has one line for each.`,
  'backends/internal': `
What several backends share. Users cannot import it.`,
  'lib/eslint': `
Lint rules for code that uses the library, and the plugin that has them. They read the types of the program that is
checked, and import nothing else of the library than \`ConfigError\`.`,
  'lib/ports': `
Ports of drivers as values: a port is defined, run over any backend, observed, and judged by what the backend's contract
says to what it was observed to need. The ports themselves are in \`examples/drivers\`, or a user's own.`,
  'lib/ports/beside': `
A port in the explorer, beside a second user of its pool: the program, the sizes of the pools, and what is found.`,
  'lib/ports/report': `
What the matrix and the audit print: tables, divergences, costs and explanations, of cells that are plain values.`,
  'lib/lab': `
The laboratory: designs of mapping APIs that run on one core, the jobs that each of them is given, and what is measured
of them. It reads no source text: the compiler is not part of the library.`,
  'lib/lab/experiment': `
What an experiment is: its question, parameters, constants with their sources, the run, the verdict computed from its rows,
and how far the verdict depends on each constant. Its result is plain data, as text or as a chart.`,
  'lib/lab/experiments': `
The experiments that come with the library, one per file, each on a sentence of the threads about highmem mapping.`,
  'lib/lab/parts': `
What several designs are made of, such as the pointer that says whether it is one of device memory.`,
  'lib/lab/facades': `
The designs, one per file: each has functions of its own, in its own style, over the functions of the kernel. It says where
the design is from and what is simpler here.`,
  'lib/lab/jobs': `
The jobs, one per file: what is prepared, what a call site is given, and what has to be right at the end. The call sites are
in \`examples/lab\`, one file per design.`,
  'lib/lab/measure': `
What is measured of a design in a job by running it: the effect of each failure, two users of a small pool under the
explorer, many users that wait, the cost, and who notices a mistake. What is read from the text of call sites is in
\`lib/cli/lab\`.`,
  'lib/lab/report': `
What is printed of measured cells: the table, the jobs of a design, a cell told run by run. Cells are plain values; nothing
runs here.`,
  'lib/c': `
C code over the simulated core: the way from a file to a program of the explorer. It needs Node and a compiler; only the entry
\`scatterlist/c\` leads here.`,
  'lib/c/toolchain': `
Finds clang and the linker, compiles, keeps what was compiled, and reads the linker's map.`,
  'lib/c/wasm': `
Reads a WebAssembly module and its line table, and translates its functions into generators. It knows nothing of kernels.`,
  'lib/c/runtime': `
The C side of one machine: variables, stacks, objects of kmalloc, loads and stores with their checks, races.`,
  'lib/c/kernel': `
The functions of the kernel by their Linux names, as C calls them: numbers in, numbers out.`,
  'lib/c/kernel/memory': `
Pages, folios, objects of kmalloc and memory of the user, and the pointers of C to them.`,
  'lib/c/kernel/lists': `
The functions of \`linux/scatterlist.h\`. Lists lie in the memory of C; each call reads what it needs into the library's own
objects, calls the library, and writes what changed.`,
  'lib/c/kernel/device': `
Memory of devices, and memory that a device uses.`,
  'lib/entries': `
The files that users import, \`lib/entries/index.ts\` among them. They export by name and have no code.`,
  'lib/cli': `
The command \`scatterlist\`: arguments, the matrix of ports and backends, the explorer on all cores. It uses Node and a few
packages, and of the library only what a user could import.`,
  'lib/cli/campaign': `
One search by many workers: what is left of it in a bag of pieces, threads or other machines that take them, checkpoints,
and the outcome that all of them come to.`,
  'lib/cli/explore': `
The parts of \`scatterlist explore\`: loading a program, reading its options, the report and the merging of reports.`,
  'lib/cli/convert-check': `
A conversion of maps as macros of a header, and what it changed, in words.`,
  'lib/cli/kernel-c': `
Kernel C for the grammar of tree-sitter, which knows no preprocessor: comments, directives, annotations and macros become
spaces, so that every offset stays what it was. The static check and \`slice\` read files through it.`,
  'lib/cli/slice': `
Reads files of the kernel, chooses what a few functions need, and writes it as C.`,
  'lib/cli/check': `
The static check: it reads C, follows the paths of each function, and judges what it sees by contracts that are data. What is
found of one function is in \`walk\`; here it becomes findings, of files, of a tree or of a change.`,
  'lib/cli/check/contracts': `
What is known of the kernel's functions: which map, which unmap, which sleep or free. Data only.`,
  'lib/cli/check/parse': `
From the text of a file to syntax trees of its functions. Loops by macro become loops of C; all else that the grammar
cannot read is taken out by \`kernel-c\`.`,
  'lib/cli/check/flow': `
The control flow of one function as blocks, and which variables are still read after each.`,
  'lib/cli/check/walk': `
The walk through all paths of one function: values, facts, states, what maps and unmaps do to them. It reads no file.`,
  'lib/cli/check/harm': `
On which kernels a finding does harm: by the map, by the text that allocates the page, and by the Makefile and the configuration
of the tree in which the file lies.`,
  'lib/cli/check/around': `
What the walk of one function cannot tell: where a page comes from whose address is taken, and in which context a function runs,
by the text of the file and by what its callers do.`,
  'lib/cli/check/proof': `
From a finding to a run: the function is sliced out, a world is written around it as C, and the explorer looks for a run that
breaks the rule at that line. What does not compile is repaired as far as the compiler says how.`,
  'lib/cli/check/proof/world': `
The world around such a function, as C: what arguments lead to, what other functions return, and which values come first.`,
  'lib/cli/check/report': `
Findings as text, as a mail and as SARIF.`,
  'lib/cli/lab': `
The parts of \`scatterlist lab\`: the text of call sites, with counters or with a mistake in it, what TypeScript says of it,
and the threads that measure the cells. What is measured by running a job is in \`lib/lab/measure\`.`,
  'lib/cli/experiment': `
The parts of \`scatterlist experiment\`: what is given on the command line, and the plot.`,
  'lib/cli/matrix': `
The matrix: which ports run over which backends on which data, and why some cannot.`,
};

/** Folders beside the library. */
const OTHER_FOLDERS: Readonly<Record<string, string>> = {
  examples: `
Ports of drivers (\`drivers\`), programs for the explorer (\`explore\`), C files with a bug each (\`c\`), an iSCSI target
(\`iscsi-target\`), a backend of a user's own. They import what a user could import.`,
  bench: `
The measurements, their aims and their results. It imports what a user could import.`,
  test: `
Unit tests lie at the path of what they test: \`lib/kernel/highmem/kmap.ts\` has \`test/kernel/highmem/kmap.spec.ts\`. Beside them are
\`bugs\` (historical bugs as programs), \`violations\` (one case per rule), \`vectors\` (recordings of Linux), \`modes\`
(checked and direct machines in step), \`architecture\` (imports, names, texts) and \`real\` (initiators and browsers).`,
  site: `
The laboratory page (\`lab\`): \`session\` runs programs in a worker and knows no page, \`view\` shows the results. It
imports the library as a user would. \`npm run site:lab\` builds it.`,
  tools: `
Programs that make the generated pages of \`docs/\`, the site and the laboratory page, a lint rule, the mutation tester.`,
  docs: `
Pages for readers. \`api/\`, \`architecture.md\`, \`linux-api.md\` and \`rules.md\` are made by \`npm run docs\`.`,
};

/** An arrow of the picture: a file of `from` imports a file of `to`. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** What the picture shows: the library, and what uses it as one folder each. */
function shownFiles(): readonly string[] {
  const users = ['examples', 'bench'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => posix.join(folder, file.replaceAll('\\', '/'))),
  );
  return [...sourceFiles(), ...users];
}

/** The folder of a file. */
function folderOf(file: string): string {
  return /^(examples|bench)(?=\/)/.exec(file)?.[0] ?? posix.dirname(file);
}

/** Every arrow between two folders. The name of the package stands for the entries. */
export function arrows(): readonly Arrow[] {
  const found = new Map<string, Arrow>();
  for (const file of shownFiles()) {
    const from = folderOf(file);
    for (const { specifier, target, typeOnly } of importsOf(file)) {
      const isOurs = /^scatterlist($|\/)/.test(specifier);
      if (!specifier.startsWith('.') && !isOurs) continue;
      const to = isOurs ? 'lib/entries' : folderOf(target);
      const key = `${from} ${to}`;
      if (from !== to) found.set(key, { from, to, typeOnly: typeOnly && (found.get(key)?.typeOnly ?? true) });
    }
  }
  return [...found.values()];
}

/** What is missing or stale in the list of paragraphs. */
export function faults(files: readonly string[] = sourceFiles()): readonly string[] {
  const folders = new Set(files.map(folderOf));
  return [
    ...[...folders]
      .filter((folder) => FOLDERS[folder] === undefined)
      .map((folder) => `${folder}: no paragraph`),
    ...Object.keys(FOLDERS)
      .filter((folder) => !folders.has(folder) && ![...folders].some((one) => one.startsWith(`${folder}/`)))
      .map((folder) => `${folder}: a paragraph, but no source`),
    ...Object.keys(OTHER_FOLDERS)
      .filter((folder) => !readdirSync(ROOT).includes(folder))
      .map((folder) => `${folder}: a paragraph, but no folder`),
  ].map((fault) => `tools/architecture.ts: ${fault}`);
}

/** The folder of the picture of all layers: `lib/explore/rules` is drawn as `lib/explore`. */
function layerOf(folder: string): string {
  return folder
    .split('/')
    .slice(0, folder.startsWith('lib/') ? 2 : 1)
    .join('/');
}

function between(all: readonly Arrow[], nameOf: (folder: string) => string): readonly Arrow[] {
  const found = new Map<string, Arrow>();
  for (const arrow of all) {
    const [from, to] = [nameOf(arrow.from), nameOf(arrow.to)];
    const key = `${from} ${to}`;
    if (from !== to)
      found.set(key, { from, to, typeOnly: arrow.typeOnly && (found.get(key)?.typeOnly ?? true) });
  }
  return [...found.values()];
}

/** Without the arrows that follow from others, unless folders import each other in a circle. */
export function reduced(all: readonly Arrow[]): readonly Arrow[] {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    all.some((arrow) => {
      if (arrow.from !== from || seen.has(arrow.to)) return false;
      seen.add(arrow.to);
      return arrow.to === to || reaches(arrow.to, to, seen);
    });
  if (all.some(({ from }) => reaches(from, from))) return all;
  return all.filter(
    ({ from, to }) => !all.some((via) => via.from === from && via.to !== to && reaches(via.to, to)),
  );
}

function picture(shown: readonly Arrow[], nodes: readonly string[]): string {
  const at = (folder: string): number => nodes.indexOf(folder);
  const lines = [...reduced(shown)]
    .sort((a, b) => at(b.from) - at(a.from) || at(b.to) - at(a.to))
    .map(({ from, to, typeOnly }) => `  ${idOf(from)} ${typeOnly ? '-.->' : '-->'} ${idOf(to)}`);
  return [
    '```mermaid',
    'flowchart TD',
    ...[...nodes].reverse().map((folder) => `  ${idOf(folder)}["${folder}"]`),
    ...lines,
    '```',
  ].join('\n');
}

function idOf(folder: string): string {
  return folder.replaceAll(/\W/g, '_');
}

function uses(folder: string, all: readonly Arrow[]): string {
  const names = [...Object.keys(FOLDERS), ...Object.keys(OTHER_FOLDERS)]
    .map((to) => all.find((arrow) => arrow.from === folder && arrow.to === to))
    .flatMap((arrow) =>
      arrow === undefined ? [] : [`\`${arrow.to}\`${arrow.typeOnly ? ' (types only)' : ''}`],
    );
  return `Imports: ${names.length === 0 ? 'nothing' : names.join(', ')}.`;
}

/** The page. */
export function architectureDocument(): string {
  const all = arrows();
  const folders = Object.keys(FOLDERS);
  const layers = [...new Set(folders.map(layerOf))];
  const sections = folders.map((folder) => {
    const inside = folders.filter((one) => one.startsWith(`${folder}/`));
    const rooms = [folder, ...inside];
    const inner = all.filter(({ from, to }) => rooms.includes(from) && rooms.includes(to));
    const drawn = rooms.filter((room) => inner.some(({ from, to }) => room === from || room === to));
    return [
      `${folder === layerOf(folder) ? '###' : '####'} ${folder}`,
      FOLDERS[folder]?.trim() ?? '',
      // A folder that has only folders imports nothing itself.
      ...(all.some(({ from, to }) => from === folder || to === folder) ? [uses(folder, all)] : []),
      ...(inside.length > 0 && drawn.length > 1 ? [picture(inner, drawn)] : []),
    ].join('\n\n');
  });
  return `${[
    '# Architecture',
    'Made by `npm run docs` from the imports of the sources and from the paragraphs in `tools/architecture.ts`. A test fails\nif this page is out of date.',
    '## Layers',
    'An arrow says that a file of one folder imports a file of the other. The arrow is dotted if it imports only types. An\narrow that follows from others is left out. `test/architecture/imports.spec.ts` has the list of what each layer may\nimport.',
    picture(between(all, layerOf), [...layers, 'examples', 'bench']),
    '## Folders of the library',
    'From the lowest layer up.',
    ...sections,
    '## Other folders',
    ...Object.entries(OTHER_FOLDERS).map(([folder, text]) => `### ${folder}\n\n${text.trim()}`),
  ].join('\n\n')}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, architectureDocument());
