import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
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
  let cache: string | undefined;
  before(() => {
    home = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 'check-'));
    cache = process.env['SCATTERLIST_CACHE'];
    process.env['SCATTERLIST_CACHE'] = join(folder, 'cache');
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
    if (cache === undefined) delete process.env['SCATTERLIST_CACHE'];
    else process.env['SCATTERLIST_CACHE'] = cache;
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
    expect(out).to.include('  why: other ways unmap it, in line 8\n');
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
    expect(out).to.include('has no my_unmap on the way out');
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
      'In drivers/fill.c, fill(): kmap_local_page(page) of line 3 has no kunmap_local on the way out in line 6.',
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
    expect(out).to.include('is still mapped when keep returns');
    expect(out.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    expect((await command('check', 'drivers')).code).to.equal(0);
  });

  it('says which functions it could not judge whole, and exits with 3', async () => {
    write(`${RIGHT}int broken(struct page *page)\n{\n\tkunmap(page) @@ (;\n\treturn 0;\n}\n`);
    const { code, out } = await command('check', 'drivers');
    expect(code).to.equal(3);
    expect(out).to.include(
      '1 function not judged whole, because it could not be read whole:\n  drivers/fill.c: broken\n',
    );
  });

  it('says which files it could not judge at all, and exits with 3', async () => {
    write(RIGHT);
    write('int a;\0', 'drivers/binary.c');
    write(' '.repeat(2 ** 24 + 1), 'drivers/huge.c');
    symlinkSync('loop.c', 'drivers/loop.c');
    symlinkSync('.', 'drivers/again');
    const { code, out } = await command('check', 'drivers');
    for (const name of ['binary.c', 'huge.c', 'loop.c', 'again']) rmSync(`drivers/${name}`);
    expect(code).to.equal(3);
    expect(out).to.include(
      '0 errors, 0 warnings in 1 function that maps or unmaps, of 3 files\n2 files not judged:\n',
    );
    expect(out).to.include('  drivers/binary.c: it is no text: a byte of it is 0\n');
    expect(out).to.include('  drivers/huge.c: it has 16777217 bytes, and the limit is 16777216\n');
  });

  it('says the same of a file that it has judged before, from its cache', async () => {
    rmSync('cache', { recursive: true });
    write(WRONG);
    const first = await command('check', 'drivers');
    const kept = readdirSync('cache/check').map((name) => join('cache/check', name));
    expect(await command('check', 'drivers')).to.deep.equal(first);
    // It is the cache that is asked: a result in another one's place is believed.
    write(RIGHT);
    await command('check', 'drivers');
    const [made = ''] = readdirSync('cache/check')
      .map((name) => join('cache/check', name))
      .filter((name) => !kept.includes(name));
    for (const old of kept) copyFileSync(made, old);
    write(WRONG);
    expect((await command('check', 'drivers')).code).to.equal(0);
    expect((await command('check', 'drivers', '--no-cache')).code).to.equal(1);
    // A result that was cut is not.
    for (const old of kept) truncateSync(old, 60);
    expect(await command('check', 'drivers')).to.deep.equal(first);
  });

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['no path', [], 'check needs a file, a directory, - for a diff, or --since REV'],
    ['a link to itself', ['loop'], 'loop: it cannot be read (ELOOP)'],
    ['a path that is not there', ['nowhere'], 'nowhere: there is no such file'],
    ['a folder without C', ['.git/refs'], 'no C file is in .git/refs'],
    ['an unknown conversion', ['--convert', 'vmap=kmap', 'drivers'], 'not "vmap=kmap"'],
    ['an unknown format', ['--format', 'xml', 'drivers'], '--format takes text or kernel, not "xml"'],
    ['a revision that is not there', ['--since', 'nowhere'], 'nowhere'],
    [
      'two forms at once',
      ['--json', '--format', 'kernel', 'drivers'],
      '--json and --format kernel exclude each other',
    ],
    ['a baseline that is none', ['--baseline', 'drivers/fill.c', 'drivers'], 'it is not a list'],
  ];
  for (const [what, args, text] of refused)
    it(`refuses ${what} in one line`, async () => {
      if (args[0] === 'loop') symlinkSync('loop', 'loop');
      const { code, err } = await command('check', ...args);
      expect(code).to.equal(2);
      expect(err)
        .to.include(text)
        .and.match(/^scatterlist: .*\n$/);
    });

  itInC('--explore ends a finding with a run that does it, or with the reason why it has none', async () => {
    write(WRONG);
    const { code, out } = await command('check', '--explore', '--explore-dir', 'runs', 'drivers/fill.c');
    expect(code).to.equal(1);
    expect(out).to.include('  explored: a run of this code does it where argument length is 101\n');
    expect(out).to.include('  replay: scatterlist replay runs/fill-fill-6.c runs/fill-fill-6.schedule\n');
    expect(out).to.match(/\nexplored 1 finding: 1 done by a run, 0 done by no run, [^]*, 0\s+not explored\n/);
    expect(readdirSync('runs').sort()).to.deep.equal(['fill-fill-6.c', 'fill-fill-6.schedule']);
    write(WRONG.replace('struct page *page', 'struct owner *owner').replace('(page)', '(owner->page)'));
    const unknown = await command('check', '--explore', '--explore-dir', 'runs', 'drivers/fill.c');
    expect(unknown.out.replaceAll(/\s+/g, ' ')).to.match(
      / not explored: \S+ does not compile: \S+ error: incomplete definition of type 'struct owner'/,
    );
  });

  it('--explore refuses what does not belong to it', async () => {
    for (const args of [
      ['--budget', '5s', '.'],
      ['--explore-dir', 'runs', '.'],
      ['--explore', '--budget', 'long', '.'],
      ['--explore', '--budget', '0', '.'],
      ['--explore', '--budget', '0s', '.'],
      ['--explore', '--explore-dir', 'drivers/fill.c', '.'],
      ['--explore', '--explore-dir', 'drivers/fill.c/below', '.'],
      ['--explore', '--convert', 'kmap=kmap_local_page', '.'],
    ])
      expect((await command('check', ...args)).code, args.join(' ')).to.equal(2);
  });
});
