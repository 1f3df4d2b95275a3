import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const FILE = join(import.meta.dirname, 'results.ts');
const DIRECTIVE = /^\s*\/\/ @ts-expect-error .*$/;

/** Lines (from 1) of the errors that the compiler finds in the program, given its text. */
function errorLines(text: string): readonly number[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(import.meta.dirname, '../../tsconfig.json'),
    { noEmit: true },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (d) => {
        throw new Error(ts.flattenDiagnosticMessageText(d.messageText, '\n'));
      },
    },
  );
  if (config === undefined) throw new Error('no tsconfig.json');
  const host = ts.createCompilerHost(config.options);
  const readFile = host.readFile.bind(host);
  host.readFile = (name) => (name.endsWith('test/types/results.ts') ? text : readFile(name));
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name.endsWith('test/types/results.ts')
      ? ts.createSourceFile(name, text, rest[0])
      : getSourceFile(name, ...rest);
  const program = ts.createProgram([FILE], config.options, host);
  const source = program.getSourceFile(FILE);
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return [
    ...new Set(found.map((d) => ts.getLineAndCharacterOfPosition(source!, d.start ?? 0).line + 1)),
  ].sort((a, b) => a - b);
}

describe('the types', () => {
  const text = readFileSync(FILE, 'utf8');
  const lines = text.split('\n');

  it('let infallible code compile unchecked, and everything else as written', function () {
    this.timeout(60000);
    expect(errorLines(text)).to.deep.equal([]);
  });

  it('stop each line that is marked from compiling', function () {
    this.timeout(60000);
    const marked = lines.flatMap((line, i) => (DIRECTIVE.test(line) ? [i + 2] : []));
    const bare = lines.map((line) => (DIRECTIVE.test(line) ? '' : line)).join('\n');
    expect(marked.length).to.be.above(10);
    expect(errorLines(bare)).to.include.members(marked);
    expect(errorLines(bare).filter((n) => !marked.includes(n))).to.deep.equal([]);
  });
});
