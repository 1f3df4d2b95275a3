import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './in-process.ts';
import { itInC } from '../c/support.ts';

const WRONG = `int fill(struct page *page, int length)
{
	char *at = kmap_local_page(page);

	if (length > 100)
		return -EINVAL;
	memset(at, 0, length);
	kunmap_local(at);
	return 0;
}
`;
const RIGHT = WRONG.replace('return -EINVAL;', '{\n\t\tkunmap_local(at);\n\t\treturn -EINVAL;\n\t}');

describe('scatterlist check', () => {
  let folder = '';
  let home = '';
  before(() => {
    home = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 'check-'));
    mkdirSync(join(folder, 'drivers'));
    process.chdir(folder);
    for (const args of [
      ['init', '-q'],
      ['config', 'user.email', 'check@example.org'],
      ['config', 'user.name', 'check'],
    ])
      execFileSync('git', args);
  });
  after(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  const write = (text: string, file = 'drivers/fill.c') => {
    writeFileSync(file, text);
  };

  it('tells the place, the line, the way there, the harm and the fix, in 80 columns', async () => {
    write(WRONG);
    const { code, out } = await command('check', 'drivers');
    expect(code).to.equal(1);
    expect(out).to.include('drivers/fill.c:6: error: leak in fill\n');
    expect(out).to.include('      6 | return -EINVAL;\n');
    expect(out).to.include('    3: kmap_local_page maps page\n    5: length > 100 is true\n');
    expect(out).to.include('  why: it is released on 1 other way out\n');
    expect(out).to.include('  fix: call kunmap_local on this way out as well\n');
    expect(out).to.match(/\n1 error, 0 warnings in 1 function that maps or unmaps, of 1 file\n$/);
    expect(out.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
  });

  it('finds nothing in the twin', async () => {
    write(RIGHT);
    const { code, out } = await command('check', 'drivers/fill.c');
    expect(code).to.equal(0);
    expect(out).to.equal('0 errors, 0 warnings in 1 function that maps or unmaps, of 1 file\n');
  });

  it('judges what a change adds and repairs, and not what was there', async () => {
    write(`${WRONG}${WRONG.replace('fill', 'old')}`);
    execFileSync('git', ['add', '.']);
    execFileSync('git', ['commit', '-q', '-m', 'a']);
    write(`/* moved down */\n${RIGHT}${WRONG.replace('fill', 'old')}${WRONG.replace('fill', 'added')}`);
    const { code, out } = await command('check', '--since', 'HEAD');
    expect(code).to.equal(1);
    expect(out.match(/error: leak in \w+/g)).to.deep.equal(['error: leak in added']);
    expect(out).to.match(/\ndrivers\/fill\.c: repaired: leak in fill: /);
  });

  it('leaves out what a baseline lists', async () => {
    write(WRONG);
    const made = await command('check', 'drivers', '--write-baseline', 'known.json');
    expect(made.code).to.equal(1);
    expect((await command('check', 'drivers', '--baseline', 'known.json')).code).to.equal(0);
    write(`\n\n${WRONG}`);
    expect((await command('check', 'drivers', '--baseline', 'known.json')).code).to.equal(0);
    write(WRONG.replace('fill', 'other'));
    expect((await command('check', 'drivers', '--baseline', 'known.json')).code).to.equal(1);
  });

  it('counts what a comment silences', async () => {
    write(WRONG.replace('return -EINVAL;', 'return -EINVAL; /* scatterlist: ok the machine stops here */'));
    const { code, out } = await command('check', 'drivers');
    expect(code).to.equal(0);
    expect(out).to.include('\n1 finding silenced by a comment\n');
  });

  it('judges wrappers of the user by the contract that they name', async () => {
    write(
      WRONG.replaceAll('kmap_local_page(page)', 'my_map(3, page)').replaceAll('kunmap_local', 'my_unmap'),
    );
    expect((await command('check', 'drivers')).code).to.equal(0);
    write('# ours\nmy_map(1) my_unmap(0) like kmap_local_page\n', 'wrappers.txt');
    const { code, out } = await command('check', 'drivers', '--wrappers', 'wrappers.txt');
    expect(code).to.equal(1);
    expect(out).to.include('my_map of page in line 3 is not undone');
  });

  it('writes SARIF and JSON', async () => {
    write(WRONG);
    const { out } = await command('check', 'drivers', '--json', '--sarif', 'out.sarif');
    const json = JSON.parse(out) as { readonly files: readonly { readonly findings: readonly object[] }[] };
    expect(json.files[0]?.findings[0]).to.include({
      rule: 'leak',
      line: 6,
      function: 'fill',
      bites: 'highmem',
    });
    const log = JSON.parse(readFileSync('out.sarif', 'utf8')) as {
      readonly runs: readonly {
        readonly results: readonly { readonly ruleId: string; readonly level: string }[];
      }[];
    };
    expect(log.runs[0]?.results.map(({ ruleId, level }) => [ruleId, level])).to.deep.equal([
      ['leak', 'error'],
    ]);
  });

  it('writes sentences for a mail', async () => {
    write(WRONG);
    const { out } = await command('check', 'drivers', '--format', 'kernel');
    expect(out.replaceAll('\n', ' ')).to.include(
      'In drivers/fill.c, fill(): kmap_local_page of page in line 3 is not undone on the way out in line 6.',
    );
  });

  it('says what a conversion to local maps would break', async () => {
    write(`void *keep(struct host *host, struct page *page)
{
	host->at = kmap(page);
	return host->at;
}

void drop(struct host *host)
{
	kunmap(host->page);
}

void copy(struct page *to, struct page *from)
{
	char *t = kmap(to);
	char *f = kmap(from);

	memcpy(t, f, 64);
	kunmap(to);
	kunmap(from);
}

void clear(struct page *page)
{
	char *at = kmap(page);

	memset(at, 0, 64);
	kunmap(page);
}
`);
    const { code, out } = await command('check', 'drivers', '--convert', 'kmap=kmap_local_page');
    expect(code).to.equal(1);
    expect(out.match(/(?:error|warning): \S+ in \w+/g)).to.deep.equal([
      'error: conversion in keep',
      'error: conversion in drop',
      'error: unmap-order in copy',
    ]);
    expect(out).to.include('is kept past the return of keep');
    expect((await command('check', 'drivers')).code).to.equal(0);
  });

  it('says which functions it could not judge whole, and exits with 3', async () => {
    write(`${RIGHT}int broken(struct page *page)\n{\n\tkunmap(page) @@ (;\n\treturn 0;\n}\n`);
    const { code, out } = await command('check', 'drivers');
    expect(code).to.equal(3);
    expect(out).to.include(
      'not judged whole: 1 function (could not be read whole):\n  drivers/fill.c: broken\n',
    );
  });

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['no path', [], 'check needs a file, a directory, - for a diff, or --since REV'],
    ['a path that is not there', ['nowhere'], 'nowhere: there is no such file'],
    ['a folder without C', ['.git/refs'], 'no C file is in .git/refs'],
    ['an unknown conversion', ['--convert', 'vmap=kmap', 'drivers'], 'not "vmap=kmap"'],
    ['an unknown format', ['--format', 'xml', 'drivers'], '--format takes text or kernel, not "xml"'],
    ['a revision that is not there', ['--since', 'nowhere'], 'nowhere'],
    ['a baseline that is none', ['--baseline', 'drivers/fill.c', 'drivers'], 'it is not a list'],
  ];
  for (const [what, args, text] of refused)
    it(`refuses ${what} in one line`, async () => {
      const { code, err } = await command('check', ...args);
      expect(code).to.equal(2);
      expect(err)
        .to.include(text)
        .and.match(/^scatterlist: .*\n$/);
    });

  itInC(
    '--explore ends a finding with a run that reaches it, or with the reason why it has none',
    async () => {
      write(WRONG);
      const { code, out } = await command('check', '--explore', '--explore-dir', 'runs', 'drivers/fill.c');
      expect(code).to.equal(1);
      expect(out).to.include('  explored: a run reaches it: the_length is 101\n');
      expect(out).to.include('  replay: scatterlist replay runs/fill-fill-6.c runs/fill-fill-6.schedule\n');
      expect(out).to.match(/\nexplored 1: 1 reached, 0 not reached by any run, .*, 0 not tried\n/);
      expect(readdirSync('runs').sort()).to.deep.equal(['fill-fill-6.c', 'fill-fill-6.schedule']);
      write(WRONG.replace('struct page *page', 'struct owner *owner').replace('(page)', '(owner->page)'));
      const unknown = await command('check', '--explore', '--explore-dir', 'runs', 'drivers/fill.c');
      expect(unknown.out.replaceAll(/\s+/g, ' ')).to.match(
        / not explored: \S+ does not compile: \S+ error: incomplete definition of type 'struct owner'/,
      );
    },
  );

  it('--explore refuses what does not belong to it', async () => {
    for (const args of [
      ['--budget', '5s', '.'],
      ['--explore-dir', 'runs', '.'],
      ['--explore', '--budget', 'long', '.'],
      ['--explore', '--convert', 'kmap=kmap_local_page', '.'],
    ])
      expect((await command('check', ...args)).code, args.join(' ')).to.equal(2);
  });
});
