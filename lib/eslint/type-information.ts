/**
 * The types that typescript-eslint gives to rules.
 */
import { ConfigError } from '../base/invariant.ts';
import type { Node, RuleContext } from './rule.ts';

/** A type, as the compiler's own interface has it. */
export interface Type {
  isUnion(): this is { readonly types: readonly Type[] };
  getProperty(name: string): object | undefined;
  getSymbol(): { readonly name: string } | undefined;
}

interface Checker {
  getBaseConstraintOfType(type: Type): Type | undefined;
  getTypeOfSymbol(symbol: object): Type;
  typeToString(type: Type): string;
}

interface Services {
  readonly program: { getTypeChecker(): Checker };
  getTypeAtLocation(node: Node): Type;
}

/** Says what types the expressions of a file have. */
export class TypeInformation {
  private readonly services: Services;
  private readonly checker: Checker;

  /** A set-up without type information throws a `ConfigError`. */
  constructor({ sourceCode }: RuleContext) {
    const services = 'parserServices' in sourceCode ? sourceCode.parserServices : undefined;
    if (!isServices(services))
      throw new ConfigError(
        'the rules of scatterlist/eslint need types: use the parser of typescript-eslint with projectService: true',
      );
    this.services = services;
    this.checker = services.program.getTypeChecker();
  }

  /** The types that a value of an expression may have: the members of a union, and what a type parameter stands for. */
  partsOf(node: Node): readonly Type[] {
    return this.parts(this.services.getTypeAtLocation(node));
  }

  /** The types that a property may have. */
  partsOfProperty(type: Type, name: string): readonly Type[] {
    const property = type.getProperty(name);
    return property === undefined ? [] : this.parts(this.checker.getTypeOfSymbol(property));
  }

  /** Whether a type is written so, for example `false` or `never`. */
  isWritten(type: Type, text: string): boolean {
    return this.checker.typeToString(type) === text;
  }

  private parts(type: Type): readonly Type[] {
    const closed = this.checker.getBaseConstraintOfType(type) ?? type;
    return closed.isUnion() ? closed.types.flatMap((each) => this.parts(each)) : [closed];
  }
}

/** Whether a type is that of a generator. */
export function isGenerator(type: Type): boolean {
  return ['Generator', 'AsyncGenerator'].includes(type.getSymbol()?.name ?? '');
}

function isServices(value: unknown): value is Services {
  return (
    typeof value === 'object' &&
    value !== null &&
    'getTypeAtLocation' in value &&
    'program' in value &&
    value.program !== null
  );
}
