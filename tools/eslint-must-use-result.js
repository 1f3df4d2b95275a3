// A lint rule: a call as a statement must not drop a Result that can be an Err, and must not drop a generator. (A function
// that may sleep is a generator; called without `yield*` its body does not run.) A Result that can only be Ok may be
// dropped, and `void f()` drops a result on purpose.
import ts from 'typescript';

export const mustUseResult = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      result:
        'This Result may be an error and is dropped: test `.ok`, return it, or write `void` to ignore it.',
      generator: 'This generator is never run: write `yield*` in front of it.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    const checker = services.program.getTypeChecker();

    // A type parameter, or an unresolved ErrorsOf<Backend, Kind>, counts as every type it can become.
    const parts = (type) => {
      const closed = checker.getBaseConstraintOfType(type) ?? type;
      return closed.isUnion() ? closed.types.flatMap(parts) : [closed];
    };
    const isErr = (type) => {
      const ok = type.getProperty('ok');
      if (!ok || !type.getProperty('error')) return false;
      const okType = checker.getTypeOfSymbol(ok);
      return parts(okType).some((t) => checker.typeToString(t) === 'false') && canExist(type);
    };
    // Err<never> is a member of the union, but no value has that type.
    const canExist = (type) =>
      !(checker.getTypeOfSymbol(type.getProperty('error')).flags & ts.TypeFlags.Never);
    const isGenerator = (type) => ['Generator', 'AsyncGenerator'].includes(type.getSymbol()?.name ?? '');

    return {
      ExpressionStatement({ expression }) {
        // `x = f()` keeps its value.
        if (expression.type === 'AssignmentExpression') return;
        const types = parts(services.getTypeAtLocation(expression));
        if (types.some(isErr)) context.report({ node: expression, messageId: 'result' });
        else if (types.some(isGenerator)) context.report({ node: expression, messageId: 'generator' });
      },
    };
  },
};
