/** What docs/c.md shows is what happens: its C files are written, its commands are run, and their output is compared. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { read } from '../architecture/repository.ts';
import { itInC, ruleOf } from './support.ts';

const COMMAND = fileURLToPath(new URL('../../lib/cli/scatterlist.ts', import.meta.url));

/** A text without what differs from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(/\d+(?:\.\d+)? (?:schedules|steps|states|cut short|s\b)/g, 'N')
    .replaceAll(/\s+/g, ' ');
}

describe('docs/c.md', () => {
  itInC('has commands that print what the page says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'docs-c-'));
    let commands = 0;
    try {
      for (const [, kind, body = ''] of read('docs/c.md').matchAll(/^```(c|console)\n([\s\S]*?)^```/gm)) {
        const [, where, file = ''] = /^\/\* (at the end of )?([\w.]+) \*\/\n/.exec(body) ?? [];
        if (kind === 'c') {
          expect(file, body).not.to.equal('');
          if (where === undefined) writeFileSync(join(folder, file), body);
          else appendFileSync(join(folder, file), body);
          continue;
        }
        const [, line = '', printed = ''] = /^\$ scatterlist (.*)\n([\s\S]*)$/.exec(body) ?? [];
        const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
        const args = ['--conditions=source', '--import', loader, COMMAND, ...line.split(' ')];
        const ran = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
        expect(ran.stderr, line).to.equal('');
        expect(steady(ran.stdout), line).to.include(steady(printed).trim());
        commands += 1;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(commands).to.equal(3);
  }).timeout(120_000);
});

describe('a C file that cannot be used', () => {
  itInC('is refused with one line that says why', () => {
    const messages = [
      ['SECTION(task, t) { nonsense(); }', /nonsense/],
      [
        'extern int elsewhere(int); SECTION(task, t) { elsewhere(1); }',
        /calls a function that is not known here: elsewhere \([-\w]+\.c:1 in t\)\. Define it in C; or .* EXPLORED\(int, elsewhere, .* stubs: \{ elsewhere: /,
      ],
      [
        'extern int a(void), b(int);\nstatic void c(void) { a(); }\nSECTION(task, t) { if (b(1)) c();\nb(2);\nb(3);\nb(4); }',
        /calls 2 functions .*: b \(\S+:3 in t, \S+:4 in t, \S+:5 in t, 1 more\); a \(\S+:2 in c\)\. Define each/,
      ],
      ['int x;', /declares no task/],
      ['volatile double d; SECTION(task, t) { d = d * 2; }', /:1, in \w+: floating point/],
      ['MACHINE(cpus = many) SECTION(task, t) { }', /cpus/],
      ['SECTION(task, t, cpus = 1) { }', /t has no option 'cpus'; it has cpu$/],
      ['SECTION(task, t) { } IRQ(done, time = 2) { }', /done has no option 'time'; it has cpu, times,/],
      ['SECTION(task, t) { } CHECK(c, cpu = 1) { return 1; }', /c has no option 'cpu'; it takes none/],
      ['PROGRAM(steps = 9) SECTION(task, t) { }', /PROGRAM has no option 'steps'; it has allow,/],
      ['PROGRAM(migrate = 3) SECTION(task, t) { }', /migrate of "PROGRAM" is 3; it takes no value/],
      ['PROGRAM(maxSteps = few) SECTION(task, t) { }', /maxSteps of "PROGRAM" is few; it must be a number/],
      ['PROGRAM(allow = no-such-rule) SECTION(task, t) { }', /there is no rule "no-such-rule"/],
    ] as const;
    for (const [text, message] of messages)
      expect(() => ruleOf(text), text)
        .to.throw(message)
        .with.property('name', 'ConfigError');
  });

  itInC('but runs where a stub is given', () => {
    const text = 'extern int elsewhere(int); SECTION(task, t) { BUG_ON(elsewhere(1) != 8); }';
    expect(ruleOf(text, { stubs: { elsewhere: (_, n = 0) => n + 7 } })).to.equal('exhausted');
    expect(ruleOf(text, { stubs: { elsewhere: (_, n = 0) => n + 6 } })).to.equal('bug-on');
  });
});
