/**
 * Makes the mutants of a source file. Each is one small mistake that a test should notice.
 */
import ts from 'typescript';

/** One change, which replaces the text from `start` to `end`. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The number of the line, from 1 on. */
  readonly line: number;
  /** The original line, trimmed. Together with `change` it identifies the mutant after lines have moved. */
  readonly lineText: string;
  /** The change as text, such as `a < b -> a <= b`. */
  readonly change: string;
}

const SWAPS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
  [ts.SyntaxKind.PercentToken, '*'],
  [ts.SyntaxKind.LessThanLessThanToken, '>>'],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, '<<'],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, '<<'],
  [ts.SyntaxKind.AmpersandToken, '|'],
  [ts.SyntaxKind.BarToken, '&'],
  [ts.SyntaxKind.CaretToken, '&'],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
]);

/** Errors whose text the tests do not check word for word. */
const MESSAGES = /^(ConfigError|InvariantError|RangeError|TypeError|Error)$/;

/** All mutants of a source text, in the order of the text. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lines = text.split('\n');
  const found: Mutant[] = [];
  const add = (node: ts.Node, replacement: string): void => {
    const start = node.getStart(source);
    const { line } = source.getLineAndCharacterOfPosition(start);
    const end = node.getEnd();
    const change = `${short(text.slice(start, end))} -> ${short(replacement)}`;
    found.push({ start, end, replacement, line: line + 1, lineText: (lines[line] ?? '').trim(), change });
  };
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    mutate(node, source, add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The source text with one mutant applied. */
export function applied(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
}

/** Types have no effect at run time, and tests need not check the wording of messages. */
function isLeftAlone(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isTemplateExpression(node)) return true;
  return ts.isNewExpression(node) && ts.isIdentifier(node.expression) && MESSAGES.test(node.expression.text);
}

function mutate(node: ts.Node, source: ts.SourceFile, add: (node: ts.Node, text: string) => void): void {
  if (ts.isIfStatement(node)) add(node.expression, `!(${node.expression.getText(source)})`);
  else if (ts.isWhileStatement(node)) add(node.expression, 'false');
  else if (ts.isConditionalExpression(node)) add(node.condition, `!(${node.condition.getText(source)})`);
  else if (ts.isBinaryExpression(node)) mutateBinary(node, source, add);
  else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
  else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
  else if (ts.isNumericLiteral(node)) mutateNumber(node, add);
  else if (ts.isReturnStatement(node) && node.expression !== undefined) {
    // Changing `false` to `true` tests more than changing it to another value that counts as false.
    if (!/^(undefined|true|false)$/.test(node.expression.getText(source))) add(node.expression, 'undefined');
  } else if (ts.isExpressionStatement(node)) {
    const called = ts.isYieldExpression(node.expression) ? node.expression.expression : node.expression;
    if (called !== undefined && ts.isCallExpression(called) && !isSuper(called)) add(node, ';');
  } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    add(node, node.operand.getText(source));
  } else if (
    (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) &&
    node.questionDotToken
  ) {
    add(node.questionDotToken, ts.isPropertyAccessExpression(node) ? '.' : '');
  } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const operand = node.operand.getText(source);
    if (node.operator === ts.SyntaxKind.PlusPlusToken) add(node, `${operand}--`);
    if (node.operator === ts.SyntaxKind.MinusMinusToken) add(node, `${operand}++`);
  }
}

function isSuper(call: ts.CallExpression): boolean {
  return call.expression.kind === ts.SyntaxKind.SuperKeyword;
}

function mutateBinary(
  node: ts.BinaryExpression,
  source: ts.SourceFile,
  add: (node: ts.Node, text: string) => void,
): void {
  const { left, operatorToken, right } = node;
  const text = (part: ts.Node): string => part.getText(source);
  // A sum of strings is the text of a message.
  if (operatorToken.kind === ts.SyntaxKind.PlusToken && [left, right].some((part) => isText(part))) return;
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    add(node, text(right));
    return;
  }
  const other = SWAPS.get(operatorToken.kind);
  if (other === undefined) return;
  add(node, `${text(left)} ${other} ${text(right)}`);
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function mutateNumber(node: ts.NumericLiteral, add: (node: ts.Node, text: string) => void): void {
  const value = Number(node.text);
  if (!Number.isSafeInteger(value)) return;
  // The value of a property needs no parentheses, and a number alone never does.
  add(node, String(value + 1));
  if (value > 0) add(node, String(value - 1));
}
