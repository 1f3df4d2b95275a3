import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import {
  explain,
  explore as search,
  formatReport,
  formatSchedule,
  parseSaved,
  parseSchedule,
  preemptionBound,
  replayFile,
} from 'scatterlist/explore';
import type { Choice } from 'scatterlist/explore';
import addOne from '../../examples/explore/atomic-to-local.ts';
import { explore } from '../../lib/cli/explore.ts';
import { MANIFEST } from '../../lib/cli/package-root.ts';
import { replay } from '../../lib/cli/replay.ts';
import { UsageError } from '../../lib/cli/usage-error.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples', 'explore');
const example = join(examples, 'atomic-to-local.ts');

interface Ran {
  readonly code: number;
  readonly out: string;
}

/** A report without its lines, which depend on the loader. */
function lineless(text: string): string {
  return text.replaceAll(/\.ts:\d+/g, '.ts');
}

/** Runs a subcommand here, with what it prints caught. */
async function run(name: 'explore' | 'replay', ...args: readonly string[]): Promise<Ran> {
  const printed: string[] = [];
  const write = sinon.stub(process.stdout, 'write').callsFake((text) => {
    printed.push(String(text));
    return true;
  });
  try {
    const code = await (name === 'explore' ? explore(args) : replay(args));
    return { code, out: printed.join('') };
  } finally {
    write.restore();
  }
}

describe('scatterlist replay', () => {
  it('prints a screenful of the timeline, and every row with --all', async () => {
    const folder = mkdtempSync(join(import.meta.dirname, 'run-'));
    try {
      const file = join(folder, 'long.mjs');
      const task = '*one({ note }) { for (let i = 0; i < 200; i += 1) note(`row ${i}`); }';
      writeFileSync(
        file,
        `import { defineProgram } from 'scatterlist/explore'; export default defineProgram({ tasks: { ${task} } });`,
      );
      const rows = (text: string): number => text.match(/row \d+/g)?.length ?? 0;
      const short = (await run('replay', file, '0')).out;
      expect(rows(short)).to.be.lessThan(61);
      expect(short).to.match(/… \d+ rows are left out; --all shows them/);
      expect(rows((await run('replay', file, '0', '--all')).out)).to.equal(200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('ends with 0 where the schedule breaks no rule', async () => {
    let schedule = '';
    const onSchedule = (end: { readonly schedule: readonly Choice[] }): boolean => {
      schedule = formatSchedule(end.schedule);
      return true;
    };
    expect(search(addOne, preemptionBound(0), { onSchedule }).kind).to.equal('exhausted');
    const { code, out } = await run('replay', example, schedule);
    const width = process.stdout.columns ?? 80;
    const report = formatReport(explain(addOne, parseSchedule(schedule)), { width, file: example });
    expect([code, lineless(out)]).to.deep.equal([0, lineless(report)]);
  });

  it('takes what explore --save wrote, as a unit test does', async () => {
    const folder = mkdtempSync(join(import.meta.dirname, 'run-'));
    try {
      const [file, again] = [join(folder, 'lost.schedule'), join(folder, 'again.schedule')];
      const found = await run('explore', example, '--save', file);
      const { code, out } = await run('replay', example, file, '--save', again);
      expect([code, found.out.includes(out.trimEnd())]).to.deep.equal([1, true]);
      expect(readFileSync(again, 'utf8')).to.equal(readFileSync(file, 'utf8'));
      const { program, actors, library } = parseSaved(readFileSync(file, 'utf8'), file);
      expect({ program, actors, library }).to.deep.equal({
        program: 'atomic-to-local.ts',
        actors: Object.keys(addOne.tasks ?? {}),
        library: MANIFEST.version,
      });
      replayFile(addOne, file, { expect: 'broken' });
      const mistake = async (...args: readonly string[]): Promise<string> => {
        const error: unknown = await run('replay', ...args).catch((e: unknown) => e);
        expect(error).to.be.instanceOf(UsageError);
        return error instanceof Error ? error.message : '';
      };
      const other = join(examples, 'nested-kmap.ts');
      expect(await mistake(other, file)).to.match(/lost\.schedule does not fit .*nested-kmap\.ts, which has/);
      writeFileSync(again, readFileSync(file, 'utf8').replace(/("schedule": ")/, '$17.'));
      expect(await mistake(example, again)).to.equal(
        `${again} does not fit ${example} (1 of its steps are left when the program ends): has it changed?`,
      );
      writeFileSync(again, '{}');
      expect(await mistake(example, again)).to.equal(`${again}: it is no saved schedule`);
      expect(await mistake(example, folder)).to.equal(`${folder}: it is a directory`);
      expect(await mistake(example, '0.0', '--save', folder)).to.equal(`${folder}: it is a directory`);
      const none = join(folder, 'none');
      expect(await mistake(example, none)).to.match(/none is no file, and no schedule: .*is not a step of a/);
      await run('explore', example, '--strategy', 'bound:0', '--save', none);
      expect(existsSync(none)).to.equal(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('writes names of any kind so that every reader gets them whole', async () => {
    const folder = mkdtempSync(join(import.meta.dirname, 'run-'));
    try {
      const name = `{{data}}'"\u001b[2J\n</script>$&\u202e`;
      const file = join(folder, `it's {{data}} $(x).mjs`);
      const text = JSON.stringify(name);
      writeFileSync(
        file,
        `import { defineProgram } from 'scatterlist/explore'; export default defineProgram({ tasks: { *[${text}]() { throw new Error(${text}); } } });`,
      );
      const [trace, html, save] = ['trace', 'html', 'save'].map((kind) => join(folder, kind));
      if (trace === undefined || html === undefined || save === undefined) throw new Error('three files');
      const { code, out } = await run('explore', file, '--trace', trace, '--html', html, '--save', save);
      expect(code).to.equal(1);
      // eslint-disable-next-line no-control-regex -- none of them must reach a terminal
      const control = /[\u0000-\u0009\u000b-\u001f\u202e]/;
      expect(out).to.not.match(control);
      expect(out).to.contain(`it'\\''s {{data}} $(x).mjs' '0'`);
      expect(JSON.stringify(JSON.parse(readFileSync(trace, 'utf8')))).to.contain('{{data}}');
      const page = readFileSync(html, 'utf8');
      expect(page.match(/<\/script>/g)).to.have.length(2);
      const [, data = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
      expect(JSON.parse(data)).to.have.property('rows');
      const saved = parseSaved(readFileSync(save, 'utf8'), save);
      expect([saved.actors, saved.program]).to.deep.equal([[name], `it's {{data}} $(x).mjs`]);
      expect((await run('replay', file, save)).code).to.equal(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses a schedule that does not fit the program, and anything but a file and a schedule', async () => {
    for (const [args, message] of [
      [[example, '9.9'], `the schedule '9.9' does not fit ${example}: has it changed?`],
      [[example], 'replay takes a file and a schedule'],
      [[], 'replay takes a file and a schedule'],
      [[example, '0', '1'], 'replay takes a file and a schedule'],
      [['', '0'], ': there is no such file'],
      [[example, '0', '--trace', 'a', '--trace', 'b'], '--trace is given twice'],
      [[example, '0', '--html', examples], `${examples}: it is a directory`],
      [[example, '0', '--trace', examples], `${examples}: it is a directory`],
    ] as const) {
      const error: unknown = await run('replay', ...args).catch((e: unknown) => e);
      expect(error, args.join(' ')).to.be.instanceOf(UsageError).with.property('message', message);
    }
  });

  it('ends with 3, and says how far it came, when the time is over', async () => {
    const { code, out } = await run('replay', example, '0.0.1', '--budget', '0s');
    expect([code, out]).to.deep.equal([
      3,
      'The schedule was not run to its end: the time was over after 0 of its 3 decisions.\n',
    ]);
  });

  it('needs a file to explore, too', async () => {
    for (const args of [[], ['']]) {
      const error: unknown = await run('explore', ...args).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(UsageError).with.property('message', 'which program? name its file');
    }
  });
});
