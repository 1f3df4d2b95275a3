import { expect } from 'chai';
import { posix } from 'node:path';
import ts from 'typescript';
import { read, repositoryFiles } from './repository.ts';

/**
 * Code that serves every mechanism and every backend, and backends that use several mechanisms: it may ask what they say
 * of themselves, not which they are.
 */
const shared = /^(backends|lib\/(kernel|mapping|scatterlist|explore|conformance))\/.*\.ts$/;

/** Questions that stay, by folder and text, each with the reason. */
const exempt: Readonly<Record<string, string>> = {
  'lib/kernel/core: window instanceof RamWindow':
    'the machine makes these windows and keeps those that it may give out again',
};

const sources = repositoryFiles().filter((file) => shared.test(file));

/** The classes of windows, by the file that has them; code outside that file must not ask for one. */
const classes = new Map(
  sources.flatMap((file) =>
    [...read(file).matchAll(/class (\w+) extends (?:\w*Window)\b/g)].map(([, name]) => [name, file] as const),
  ),
);

/** Whether an expression is the name of a mechanism or of a backend. */
function isName(node: ts.Node): boolean {
  if (ts.isIdentifier(node)) return node.text === 'mechanism';
  if (!ts.isPropertyAccessExpression(node)) return false;
  const { name, expression } = node;
  if (name.text === 'mechanism') return true;
  const of = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return name.text === 'name' && ts.isIdentifier(of) && ['how', 'mechanism', 'contract'].includes(of.text);
}

const EQUALITY = /^[!=]==?$/;

/** Whether a node decides by the name or by the class of a mechanism. */
function asksIdentity(node: ts.Node, file: string): boolean {
  if (ts.isBinaryExpression(node)) {
    const { left, right, operatorToken } = node;
    const sides = [left, right];
    if (operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword)
      return ts.isIdentifier(right) && classes.has(right.text) && classes.get(right.text) !== file;
    return EQUALITY.test(operatorToken.getText()) && sides.some(isName) && sides.some(ts.isStringLiteralLike);
  }
  if (ts.isSwitchStatement(node)) return isName(node.expression);
  if (ts.isElementAccessExpression(node)) return isName(node.argumentExpression);
  // A method of a string, as in `mechanism.startsWith('io')`; the only method of a mechanism is `release`.
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    isName(node.expression.expression) &&
    node.expression.name.text !== 'release'
  );
}

function questionsIn(text: string, file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (asksIdentity(node, file)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

describe('code that serves every mechanism', () => {
  const asked = sources.flatMap((file) =>
    questionsIn(read(file), file).map((question) => `${posix.dirname(file)}: ${question}`),
  );

  it('asks a mechanism what it does and not which it is', () => {
    expect(asked.filter((question) => exempt[question] === undefined)).to.deep.equal([]);
  });

  it('needs its exemptions', () => {
    expect(Object.keys(exempt).filter((question) => !asked.includes(question))).to.deep.equal([]);
  });

  for (const text of [
    "window.mechanism === 'kmap'",
    "'kmap' != event.mechanism",
    "mechanism !== 'kmap_atomic'",
    "window.how.name === 'kmap'",
    "backend.contract.name === 'kmap'",
    "contract.name == 'kmap'",
    'POOL_OF[event.mechanism]',
    "window.mechanism.startsWith('io')",
    "mechanism.replace('map', 'unmap')",
    "switch (window.mechanism) { case 'kmap': }",
    'window instanceof RamWindow',
    'window instanceof IoWindow',
    'window instanceof BounceWindow',
  ])
    it(`would be found out with: ${text}`, () => {
      expect(questionsIn(text, 'lib/explore/a.ts')).to.have.length(1);
    });

  for (const [text, file] of [
    ["window.how.pool === 'kmap pool'", 'lib/explore/a.ts'],
    ['window.isBy(mechanism)', 'lib/explore/a.ts'],
    ['mechanism === BY_KMAP', 'lib/explore/a.ts'],
    ['window.how.release(window)', 'lib/explore/a.ts'],
    ['value instanceof Window', 'lib/explore/a.ts'],
    ['value instanceof Task', 'lib/explore/a.ts'],
    ['window instanceof IoWindow', 'lib/kernel/window/io-window.ts'],
  ] as const)
    it(`may say in ${file}: ${text}`, () => {
      expect(questionsIn(text, file)).to.deep.equal([]);
    });
});
