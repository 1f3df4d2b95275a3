/**
 * Makes the control flow of a function from its syntax.
 */
import { argumentsOf, calledName, named, part } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import { NO_RETURN } from '../contracts/effects.ts';
import { ordered } from './graph.ts';
import type { Block, Graph, Operation } from './graph.ts';

/** What decides how a function is lowered. */
export interface Lowering {
  /** Whether calls of a function have to be seen one by one. */
  readonly matters: (name: string) => boolean;
  /** The loops whose macro was replaced by `while`, by offset. */
  readonly loops: ReadonlyMap<number, string>;
}

/** Makes the graph of a function from its statements. */
export function lower(body: Syntax, lowering: Lowering): Graph {
  return new Builder(lowering).build(body);
}

/** A node that is not in the file. */
function made(type: string, from: Syntax, children: readonly Syntax[], text = from.text): Syntax {
  const { start, end, line } = from;
  return { type, field: '', start, end, line, isNamed: /^\w+$/.test(type), children, text };
}

function withField(node: Syntax, field: string): Syntax {
  return { ...node, field };
}

class Builder {
  readonly #blocks: Block[] = [];
  readonly #labels = new Map<string, Block>();
  readonly #breaks: Block[] = [];
  readonly #continues: Block[] = [];
  private readonly lowering: Lowering;
  #at: Block | undefined = undefined;
  #temporaries = 0;

  constructor(lowering: Lowering) {
    this.lowering = lowering;
  }

  build(body: Syntax): Graph {
    const entry = this.#block({ kind: 'nothing' }, body.line);
    this.#at = entry;
    this.#statement(body);
    if (this.#at !== undefined) this.#emit({ kind: 'return', node: undefined }, lastLine(body));
    return ordered(entry, this.#blocks);
  }

  #block(does: Operation, line: number): Block {
    const block: Block = { id: this.#blocks.length, does, line, next: [], ways: 0, order: 0 };
    this.#blocks.push(block);
    return block;
  }

  #emit(does: Operation, line: number): Block {
    const block = this.#block(does, line);
    this.#goto(block);
    this.#at = block;
    return block;
  }

  #goto(block: Block): void {
    this.#at?.next.push(block);
    this.#at = undefined;
  }

  #join(line: number): Block {
    return this.#block({ kind: 'nothing' }, line);
  }

  #label(name: string, line: number): Block {
    const found = this.#labels.get(name) ?? this.#join(line);
    this.#labels.set(name, found);
    return found;
  }

  #statement(node: Syntax): void {
    switch (node.type) {
      case 'compound_statement':
        for (const child of named(node)) this.#statement(child);
        return;
      case 'expression_statement':
        for (const child of named(node)) this.#expression(child);
        return;
      case 'declaration':
        this.#declaration(node);
        return;
      case 'if_statement':
        this.#if(node);
        return;
      case 'while_statement':
        this.#while(node);
        return;
      case 'do_statement':
        this.#do(node);
        return;
      case 'for_statement':
        this.#for(node);
        return;
      case 'switch_statement':
        this.#switch(node);
        return;
      case 'return_statement': {
        const [value] = named(node);
        this.#return(node, value);
        return;
      }
      case 'goto_statement':
        this.#goto(this.#label(part(node, 'label')?.text ?? '', node.line));
        return;
      case 'break_statement':
        this.#leave(this.#breaks.at(-1));
        return;
      case 'continue_statement':
        this.#leave(this.#continues.at(-1));
        return;
      case 'labeled_statement': {
        const label = this.#label(part(node, 'label')?.text ?? '', node.line);
        this.#goto(label);
        this.#at = label;
        for (const child of named(node)) if (child.field !== 'label') this.#statement(child);
        return;
      }
      case 'case_statement':
        for (const child of named(node)) if (child.field !== 'value') this.#statement(child);
        return;
      default:
        if (/_expression$|^identifier$/.test(node.type)) this.#expression(node);
        else if (/^else_clause$|statement$/.test(node.type))
          for (const child of named(node)) this.#statement(child);
    }
  }

  #leave(to: Block | undefined): void {
    if (to === undefined) this.#at = undefined;
    else this.#goto(to);
  }

  #declaration(node: Syntax): void {
    for (const child of node.children) {
      if (child.type !== 'init_declarator') continue;
      const declarator = part(child, 'declarator');
      const value = part(child, 'value');
      if (declarator === undefined || value === undefined) continue;
      let name: Syntax = declarator;
      for (let inner: Syntax | undefined = name; inner !== undefined; inner = part(inner, 'declarator'))
        name = inner;
      if (value.type === 'initializer_list') continue;
      this.#expression(
        made('assignment_expression', child, [
          withField(name, 'left'),
          withField(made('=', child, [], '='), 'operator'),
          withField(value, 'right'),
        ]),
      );
    }
  }

  #if(node: Syntax): void {
    const condition = part(node, 'condition');
    const then = part(node, 'consequence');
    const otherwise = part(node, 'alternative');
    const yes = this.#join(then?.line ?? node.line);
    const no = this.#join(otherwise?.line ?? node.line);
    const end = this.#join(node.line);
    this.#condition(condition, yes, no);
    this.#at = yes;
    if (then !== undefined) this.#statement(then);
    this.#goto(end);
    this.#at = no;
    if (otherwise !== undefined) this.#statement(otherwise);
    this.#goto(end);
    this.#at = end;
  }

  #body(node: Syntax | undefined, onBreak: Block, onContinue: Block): void {
    this.#breaks.push(onBreak);
    this.#continues.push(onContinue);
    if (node !== undefined) this.#statement(node);
    this.#breaks.pop();
    this.#continues.pop();
  }

  #while(node: Syntax): void {
    const head = this.#join(node.line);
    const body = this.#join(node.line);
    const end = this.#join(node.line);
    const macro = this.lowering.loops.get(node.start);
    this.#goto(head);
    this.#at = head;
    const condition = part(node, 'condition');
    if (macro !== undefined && condition !== undefined) {
      const round = this.#emit({ kind: 'round', node: condition, macro }, node.line);
      round.next.push(body, end);
    } else this.#condition(condition, body, end);
    this.#at = body;
    this.#body(part(node, 'body'), end, head);
    this.#goto(head);
    this.#at = end;
  }

  #do(node: Syntax): void {
    const head = this.#join(node.line);
    const test = this.#join(lastLine(node));
    const end = this.#join(lastLine(node));
    this.#goto(head);
    this.#at = head;
    this.#body(part(node, 'body'), end, test);
    this.#goto(test);
    this.#at = test;
    this.#condition(part(node, 'condition'), head, end);
    this.#at = end;
  }

  #for(node: Syntax): void {
    const head = this.#join(node.line);
    const step = this.#join(node.line);
    const body = this.#join(node.line);
    const end = this.#join(node.line);
    const start = part(node, 'initializer');
    if (start !== undefined) this.#statement(start);
    this.#goto(head);
    this.#at = head;
    const condition = part(node, 'condition');
    if (condition === undefined) this.#goto(body);
    else this.#condition(condition, body, end);
    this.#at = body;
    this.#body(part(node, 'body'), end, step);
    this.#goto(step);
    this.#at = step;
    const update = part(node, 'update');
    if (update !== undefined) this.#expression(update);
    this.#goto(head);
    this.#at = end;
  }

  #switch(node: Syntax): void {
    const body = part(node, 'body');
    const condition = part(node, 'condition');
    const end = this.#join(node.line);
    if (body === undefined || condition === undefined) return;
    const value = made('identifier', condition, [], `$switch${String(this.#temporaries++)}`);
    this.#expression(assignment(value, condition));
    const cases: { readonly label: Syntax | undefined; readonly block: Block; readonly node: Syntax }[] = [];
    for (const child of named(body))
      if (child.type === 'case_statement')
        cases.push({ label: part(child, 'value'), block: this.#join(child.line), node: child });
    for (const { label, block } of cases) {
      if (label === undefined) continue;
      const no = this.#join(label.line);
      const test = made('binary_expression', label, [
        withField(value, 'left'),
        withField(made('==', label, [], '=='), 'operator'),
        withField(label, 'right'),
      ]);
      // A range of cases, `1 ... 4`, is a condition of which nothing is known.
      this.#condition(label.text.includes('...') ? made('unknown', label, []) : test, block, no);
      this.#at = no;
    }
    const rest = cases.find(({ label }) => label === undefined);
    this.#goto(rest?.block ?? end);
    this.#breaks.push(end);
    for (const { block, node: found } of cases) {
      this.#goto(block);
      this.#at = block;
      this.#statement(found);
    }
    this.#breaks.pop();
    this.#goto(end);
    this.#at = end;
  }

  #return(node: Syntax, value: Syntax | undefined): void {
    const choice = value === undefined ? undefined : this.#choice(value);
    if (choice !== undefined && value !== undefined) {
      this.#either(choice, value, (chosen) => {
        this.#return(node, chosen);
      });
      this.#at = undefined;
      return;
    }
    if (value !== undefined) this.#calls(value);
    this.#emit({ kind: 'return', node: value }, node.line);
    this.#at = undefined;
  }

  #expression(node: Syntax): void {
    const bare = node.type === 'parenthesized_expression' ? named(node)[0] : node;
    if (bare === undefined) return;
    if (bare.type === 'comma_expression') {
      for (const child of named(bare)) this.#expression(child);
      return;
    }
    const choice = this.#choice(bare);
    if (choice !== undefined) {
      this.#either(choice, bare, (chosen) => {
        this.#expression(chosen);
      });
      return;
    }
    this.#calls(bare);
    const name = bare.type === 'call_expression' ? calledName(bare) : undefined;
    if (name !== undefined && NO_RETURN.has(name)) {
      this.#at = undefined;
      return;
    }
    if (name === undefined || !this.lowering.matters(name))
      this.#emit({ kind: 'evaluate', node: bare }, bare.line);
  }

  /** The first `a ? b : c` in which a call that matters is made in b or c. */
  #choice(node: Syntax): Syntax | undefined {
    if (node.type === 'conditional_expression') {
      const arms = [part(node, 'consequence'), part(node, 'alternative')];
      if (arms.some((arm) => arm !== undefined && this.#hasCalls(arm))) return node;
    }
    for (const child of node.children) {
      const found = this.#choice(child);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #hasCalls(node: Syntax): boolean {
    if (node.type === 'call_expression' && this.lowering.matters(calledName(node) ?? '')) return true;
    return node.children.some((child) => this.#hasCalls(child));
  }

  #either(choice: Syntax, whole: Syntax, go: (chosen: Syntax) => void): void {
    const [yes, no, end] = [this.#join(whole.line), this.#join(whole.line), this.#join(whole.line)];
    this.#condition(part(choice, 'condition'), yes, no);
    for (const [block, field] of [
      [yes, 'consequence'],
      [no, 'alternative'],
    ] as const) {
      this.#at = block;
      const arm = part(choice, field);
      if (arm !== undefined) go(replaced(whole, choice, withField(arm, choice.field)));
      this.#goto(end);
    }
    this.#at = end;
  }

  #condition(node: Syntax | undefined, yes: Block, no: Block): void {
    if (node === undefined) {
      this.#goto(yes);
      return;
    }
    const [only] = named(node);
    const name = node.type === 'call_expression' ? calledName(node) : undefined;
    const operator = part(node, 'operator')?.type;
    if (node.type === 'parenthesized_expression' && only !== undefined) this.#condition(only, yes, no);
    else if (name === 'likely' || name === 'unlikely') this.#condition(argumentsOf(node)[0], yes, no);
    else if (operator === '!') this.#condition(part(node, 'argument'), no, yes);
    else if (operator === '&&' || operator === '||') {
      const second = this.#join(node.line);
      if (operator === '&&') this.#condition(part(node, 'left'), second, no);
      else this.#condition(part(node, 'left'), yes, second);
      this.#at = second;
      this.#condition(part(node, 'right'), yes, no);
    } else if (node.type === 'comma_expression') {
      const parts = named(node);
      for (const child of parts.slice(0, -1)) this.#expression(child);
      this.#condition(parts.at(-1), yes, no);
    } else {
      this.#calls(node);
      const block = this.#emit({ kind: 'branch', node }, node.line);
      block.next.push(yes, no);
      this.#at = undefined;
    }
  }

  /** Emits the calls that matter, the inner before the outer. */
  #calls(node: Syntax): void {
    for (const child of node.children) this.#calls(child);
    if (node.type !== 'call_expression') return;
    const name = calledName(node);
    if (name !== undefined && this.lowering.matters(name))
      this.#emit({ kind: 'call', node, name }, node.line);
  }
}

function assignment(left: Syntax, right: Syntax): Syntax {
  return made('assignment_expression', right, [
    withField(left, 'left'),
    withField(made('=', right, [], '='), 'operator'),
    withField(right, 'right'),
  ]);
}

function replaced(node: Syntax, old: Syntax, by: Syntax): Syntax {
  if (node === old) return by;
  if (node.start > old.start || node.end < old.end) return node;
  return { ...node, children: node.children.map((child) => replaced(child, old, by)) };
}

function lastLine(node: Syntax): number {
  let lines = node.line;
  for (let at = node.text.indexOf('\n'); at >= 0; at = node.text.indexOf('\n', at + 1)) lines++;
  return lines;
}
