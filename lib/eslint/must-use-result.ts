/**
 * A lint rule: a statement must not drop a `Result` that can be an error. A `Result` that can only be `Ok` may be dropped,
 * and `void f()` drops a result on purpose.
 */
import type { LintRule } from './rule.ts';
import { TypeInformation } from './type-information.ts';
import type { Type } from './type-information.ts';

/** The rule `scatterlist/must-use-result`. */
export const mustUseResult: LintRule = {
  meta: {
    type: 'problem',
    docs: { description: 'a Result that may be an error is tested, returned or dropped on purpose' },
    schema: [],
    messages: {
      result:
        'This Result may be an error and is dropped: test `.ok`, return it, or write `void` to ignore it.',
    },
  },
  create(context) {
    const types = new TypeInformation(context);
    // No value has the type Err<never>, though it is a member of the union.
    const isErr = (type: Type): boolean =>
      types.partsOfProperty(type, 'ok').some((each) => types.isWritten(each, 'false')) &&
      types.partsOfProperty(type, 'error').some((each) => !types.isWritten(each, 'never'));
    return {
      ExpressionStatement({ expression }): void {
        // `x = f()` keeps its value.
        if (expression === undefined || expression.type === 'AssignmentExpression') return;
        if (types.partsOf(expression).some(isErr)) context.report({ node: expression, messageId: 'result' });
      },
    };
  },
};
