import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabCell } from 'scatterlist/lab';
import { command } from './in-process.ts';
import { ownDesign } from './lab/own-design.ts';

interface Written {
  readonly typescript: object;
  readonly designs: readonly { readonly name: string; readonly cells: readonly LabCell[] }[];
}

describe('scatterlist lab', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lab-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('measures a design, in threads, a line of 80 columns for each job', async () => {
    const file = join(folder, 'copy.json');
    const { code, out } = await command('lab', 'copy-only', '--workers', '2', '--json', file);
    expect(code).to.equal(0);
    expect(out).to.match(/^copy-only {2}copy only, no map\n/);
    expect(out).to.match(/\ncopy-response +1 +3 +- +5 /);
    const { designs } = JSON.parse(readFileSync(file, 'utf8')) as Written;
    expect(designs.map(({ name, cells }) => [name, cells.length])).to.deep.equal([['copy-only', 10]]);
  }).timeout(180_000);

  it('tells a cell: the runs, the failing calls, each mistake and who noticed', async () => {
    const { code, out } = await command('lab', '--why', 'sg-map-2017', 'many-maps');
    expect(code).to.equal(0);
    expect(out.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    for (const part of [
      'sg-map-2017, many-maps: n maps at once\n',
      'Call 3, sg_map, fails: refused.',
      'mistake leakOnError\n',
      '    + return ptrErr(base);\n',
      'They can wait for each other for ever',
      // The report of the schedule.
      'kmap pool',
    ])
      expect(out).to.include(part);
    expect(out).to.not.include('Replay:');
  }).timeout(60_000);

  it("gives a user's own worse design worse cells", async () => {
    const cells: LabCell[] = [];
    for (const isWorse of [false, true]) {
      const name = isWorse ? 'worse' : 'better';
      const [file, json] = [join(folder, `${name}.ts`), join(folder, `${name}.json`)];
      writeFileSync(file, ownDesign(name, isWorse));
      const { code, out } = await command(
        ...['lab', '--facade', file, '--why', name, 'copyResponse', '--json', json],
      );
      expect(code).to.equal(0);
      expect(out).to.include(`${name}, copy-response`);
      const { designs } = JSON.parse(readFileSync(json, 'utf8')) as Written;
      cells.push(...designs.flatMap((design) => design.cells));
    }
    const [better, worse] = cells.map((cell) => cell.measured);
    if (better === undefined || worse === undefined) throw new Error('not measured');
    expect([better.outcome.name, worse.outcome.name]).to.deep.equal(['done', 'done']);
    expect(Object.values(worse.calls).length).to.equal(Object.values(better.calls).length);
    expect(worse.calls['map']).to.equal(2);
    expect(worse.lines).to.be.above(better.lines);
    expect([better.errorPaths.length, worse.errorPaths.length]).to.deep.equal([0, 2]);
    expect([better.failures.length, worse.failures.length]).to.deep.equal([0, 6]);
    expect(better.crowd?.waits).to.equal(0);
    expect(worse.crowd?.waits).to.be.above(0);
    expect(better.mistakes.map(({ by }) => by)).to.include('machine');
  }).timeout(180_000);

  const MISTAKES: readonly (readonly [args: readonly string[], says: string])[] = [
    [['nix'], 'no design "nix"; there is sg-map-2017,'],
    [['sf-buf', 'cursor'], 'what is "cursor"?'],
    [['--why', 'sf-buf'], '--why takes a design and a job'],
    [['--why', 'sf-buf', 'nix'], 'no job "nix"; there is copy-response,'],
    [['--facade', '/nowhere/own.ts'], '/nowhere/own.ts: there is no such file'],
    [['--all', 'sf-buf'], '--all is for all designs, not for one'],
    [['--workers', '0'], '--workers takes a whole number from 1 to 256'],
    [['--json', '/nowhere/x.json'], '/nowhere/x.json: there is no such file'],
    [['--all', '--all'], '--all is given twice'],
    [['--nix'], "Unknown option '--nix'"],
  ];
  for (const [args, says] of MISTAKES)
    it(`refuses: lab ${args.join(' ')}`, async () => {
      const { code, out, err } = await command('lab', ...args);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.include(says);
      expect(err.trimEnd().split('\n')).to.have.length(1);
    });

  const FILES: readonly (readonly [text: string, says: string])[] = [
    ['export default 3;', 'is not a design with call sites'],
    ['const = 3;', 'is not TypeScript'],
    ["import 'nowhere';\nexport default 3;", 'cannot be loaded'],
    ["throw new Error('no');\nexport default 3;", 'cannot be loaded: Error: no'],
    [ownDesign('copy-only', false), 'copy-only.ts has a design "copy-only", too'],
    [
      ownDesign('own', false).replace("', inPage(at)'", "'no such text'"),
      'replaces a text that does not occur',
    ],
  ];
  for (const [text, says] of FILES)
    it(`refuses a file: ${says}`, async () => {
      const file = join(folder, 'bad.ts');
      writeFileSync(file, text);
      const { code, out, err } = await command('lab', '--facade', file, '--why', 'own', 'copyResponse');
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.include(says).and.include('bad.ts');
      expect(err.trimEnd().split('\n')).to.have.length(1);
    });
});
