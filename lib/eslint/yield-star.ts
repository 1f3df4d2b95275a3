/**
 * A lint rule: a generator must not be dropped, yielded, awaited or tested. A function that may sleep is a generator; called
 * without `yield*` its body does not run.
 */
import type { LintRule, Node } from './rule.ts';
import { TypeInformation, isGenerator } from './type-information.ts';

type Part = Node | null | undefined;

/** The rule `scatterlist/yield-star`. */
export const yieldStar: LintRule = {
  meta: {
    type: 'problem',
    docs: { description: 'a function that may sleep is called with yield*' },
    schema: [],
    messages: {
      dropped: 'This generator is never run: write `yield*` in front of the call.',
      yielded: 'This yields the generator itself, which does not run: write `yield*`.',
      awaited: 'A generator is no promise, and does not run: write `yield*` in place of `await`.',
      tested: 'A generator is always true, and does not run: write `yield*` in front of the call.',
    },
  },
  create(context) {
    const types = new TypeInformation(context);
    const find = (node: Part, messageId: string): void => {
      if (node && types.partsOf(node).some(isGenerator)) context.report({ node, messageId });
    };
    // A test of `Generator | undefined` asks whether there is one.
    const findTested = (node: Part): void => {
      if (node && types.partsOf(node).every(isGenerator)) context.report({ node, messageId: 'tested' });
    };
    const test = (statement: Node): void => {
      findTested(statement.test);
    };
    return {
      ExpressionStatement({ expression }): void {
        // `x = f()` keeps the generator, and `await f()` is told below.
        const isOther = ['AssignmentExpression', 'AwaitExpression'].includes(expression?.type ?? '');
        if (!isOther) find(expression, 'dropped');
      },
      'YieldExpression[delegate=false]'({ argument }): void {
        find(argument, 'yielded');
      },
      AwaitExpression({ argument }): void {
        find(argument, 'awaited');
      },
      IfStatement: test,
      ConditionalExpression: test,
      WhileStatement: test,
      DoWhileStatement: test,
      ForStatement: test,
      "UnaryExpression[operator='!']"({ argument }): void {
        findTested(argument);
      },
      LogicalExpression({ left }): void {
        findTested(left);
      },
    };
  },
};
