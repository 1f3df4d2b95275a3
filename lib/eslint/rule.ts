/**
 * The parts of a rule and of its context that the rules here use. ESLint's own types are not imported, so that the
 * declarations of this package compile where ESLint is not installed.
 */

/** A node of the syntax tree, with the parts of those that the rules look at. */
export interface Node {
  readonly type: string;
  readonly expression?: Node;
  readonly argument?: Node | null;
  readonly test?: Node | null;
  readonly left?: Node;
}

/** What a rule is given by ESLint. */
export interface RuleContext {
  readonly sourceCode: object;
  report(found: { readonly node: Node; readonly messageId: string }): void;
}

/** A function for each kind of node that a rule looks at. */
type Listener = Readonly<Record<string, (node: Node) => void>>;

/** A rule for ESLint without options. */
export interface LintRule {
  readonly meta: {
    readonly type: 'problem';
    readonly docs: { readonly description: string };
    readonly schema: [];
    readonly messages: Record<string, string>;
  };
  create(context: RuleContext): Listener;
}
