import { expect } from 'chai';
import fc from 'fast-check';
import type { Block, Graph } from '../../../../lib/cli/check/flow/graph.ts';
import { livenessOf } from '../../../../lib/cli/check/flow/liveness.ts';
import { lower } from '../../../../lib/cli/check/flow/lower.ts';
import { Grammar } from '../../../../lib/cli/check/parse/grammar.ts';
import { part } from '../../../../lib/cli/check/parse/tree.ts';
import type { Syntax } from '../../../../lib/cli/check/parse/tree.ts';

/** Whether a variable can be read before it is written, on some way from a block: by looking at each way. */
function isRead(block: Block, name: string, seen = new Set<Block>()): boolean {
  if (seen.has(block)) return false;
  seen.add(block);
  const node = block.does.kind === 'nothing' ? undefined : block.does.node;
  const target = node?.type === 'assignment_expression' ? part(node, 'left') : undefined;
  const isPlain = target !== undefined && node !== undefined && part(node, 'operator')?.type === '=';
  const names = (at: Syntax | undefined): boolean =>
    at !== undefined && (at.type === 'identifier' ? at.text === name : at.children.some(names));
  if (isPlain ? names(part(node, 'right')) || (target.type !== 'identifier' && names(target)) : names(node))
    return true;
  if (isPlain && target.type === 'identifier' && target.text === name) return false;
  return block.next.some((next) => isRead(next, name, seen));
}

const NAMES = ['a', 'b', 'c'];
const name = fc.constantFrom(...NAMES);
const { statement } = fc.letrec<{ statement: string; block: string }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(name, name).map(([to, from]) => `${to} = ${from} + 1;`),
    fc.tuple(name, name).map(([to, from]) => `${to} += ${from};`),
    name.map((one) => `use(${one});`),
    fc.constantFrom('goto out;', 'return a;'),
    fc.tuple(name, tie('block'), tie('block')).map(([one, yes, no]) => `if (${one}) ${yes} else ${no}`),
    fc.tuple(name, tie('block')).map(([one, body]) => `while (${one}) ${body}`),
    fc.tuple(name, tie('block')).map(([one, body]) => `do ${body} while (${one});`),
  ),
  block: fc.array(tie('statement'), { maxLength: 4 }).map((all) => `{ ${all.join(' ')} }`),
}));

describe('live variables', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await Grammar.load();
  });

  function graphOf(body: string): Graph {
    const read = grammar.parse(`int f(int a, int b, int c)\n{\n${body}\nout:\n\treturn b;\n}\n`);
    const [found] = read.functions;
    if (found === undefined || found.hasError) throw new Error(`it cannot be read: ${body}`);
    return lower(found.body, { matters: () => false, masked: read });
  }

  it('are those that some way reads before it writes them', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 8 }), (statements) => {
        const graph = graphOf(statements.join('\n'));
        const live = livenessOf(graph);
        for (const [block, names] of live)
          for (const one of NAMES)
            expect(names.has(one), `${one} in line ${String(block.line)}`).to.equal(isRead(block, one));
      }),
      { numRuns: 200 },
    );
  });
});
