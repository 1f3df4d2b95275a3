/** The C file of docs/c.md does what the page says. */
import { expect } from 'chai';
import { read } from '../architecture/repository.ts';
import { fileOf, itInC, ruleOf, ruleOfFile } from './support.ts';

describe('docs/c.md', () => {
  itInC('has a section whose lost write is found, and not with kmap_atomic', () => {
    const [, text = ''] = /```c\n([\s\S]*?)```/.exec(read('docs/c.md')) ?? [];
    expect(ruleOfFile(fileOf(text))).to.equal('lost-write');
    const before = text
      .replaceAll('kmap_local_page', 'kmap_atomic')
      .replaceAll('kunmap_local', 'kunmap_atomic');
    expect(ruleOfFile(fileOf(before))).to.equal('exhausted');
  });
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
