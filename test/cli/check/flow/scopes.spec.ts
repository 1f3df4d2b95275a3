import { expect } from 'chai';
import type { Block } from '../../../../lib/cli/check/flow/graph.ts';
import { lower } from '../../../../lib/cli/check/flow/lower.ts';
import { Grammar } from '../../../../lib/cli/check/parse/grammar.ts';
import { calledName } from '../../../../lib/cli/check/parse/tree.ts';

describe('what is done when a scope is left', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await Grammar.load();
  });

  /** The functions that each way through a body calls, loops taken once at most. */
  function ways(body: string): readonly string[] {
    const read = grammar.parse(`int f(int a)\n{\n${body}\n}\n`);
    const [found] = read.functions;
    if (found === undefined || found.hasError) throw new Error(`it cannot be read: ${body}`);
    const { entry } = lower(found.body, { matters: () => false, masked: read });
    const all: string[] = [];
    const go = (block: Block, called: readonly string[], seen: readonly Block[]): void => {
      if (seen.filter((each) => each === block).length > 1) return;
      const { does } = block;
      const name =
        does.kind === 'evaluate' && does.node.type === 'call_expression' ? calledName(does.node) : undefined;
      const now = name === undefined ? called : [...called, name];
      if (does.kind === 'return') all.push(now.join(' '));
      for (const next of block.next) go(next, now, [...seen, block]);
    };
    go(entry, [], []);
    return [...new Set(all)].sort();
  }

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['at the end of the function', 'guard(spinlock)(&l);\ng();', ['spin_lock g spin_unlock']],
    ['at the end of a block', '{ guard(preempt)(); g(); }\nh();', ['preempt_disable g preempt_enable h']],
    [
      'before a return',
      'guard(spinlock_irqsave)(&l);\nif (a) return 1;\ng();',
      ['spin_lock_irqsave g spin_unlock_irqrestore', 'spin_lock_irqsave spin_unlock_irqrestore'],
    ],
    [
      'the last one first',
      'guard(mutex)(&m);\nguard(spinlock_bh)(&l);\ng();',
      ['mutex_lock spin_lock_bh g spin_unlock_bh mutex_unlock'],
    ],
    [
      'by a jump out of it',
      'scoped_guard(spinlock, &l) {\nif (a) goto out;\ng();\n}\nh();\nout:\n\tk();',
      ['spin_lock g spin_unlock h k', 'spin_lock spin_unlock k'],
    ],
    [
      'not by a jump inside of it',
      'guard(spinlock)(&l);\ngoto out;\nout:\n\tk();',
      ['spin_lock k spin_unlock'],
    ],
    [
      'by break and continue',
      'while (a) {\nguard(spinlock)(&l);\nif (b) break;\nif (c) continue;\ng();\n}\nh();',
      ['h', 'spin_lock g spin_unlock h', 'spin_lock spin_unlock h'],
    ],
    ['nothing, for a kind that is not known', 'guard(xe_pm_runtime)(g());\nh();', ['g h']],
  ];
  for (const [what, body, expected] of cases)
    it(what, () => {
      // A loop that is taken once or not at all.
      const found = ways(body).filter((way) => (way.match(/spin_lock\b/g) ?? []).length < 2);
      expect(found).to.deep.equal([...expected].sort());
    });
});
