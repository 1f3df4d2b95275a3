/**
 * Makes the control flow of a function from its syntax.
 */
import { argumentsOf, calledName, named, part } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import { NO_RETURN, guardCalls } from '../contracts/effects.ts';
import { releaseName } from '../parse/mask.ts';
import type { Masked } from '../parse/mask.ts';
import { ordered } from './graph.ts';
import type { Block, Graph, Operation } from './graph.ts';
import { assignment, flat, lastLine, made, madeCall, replaced, withField } from './made.ts';
import { jumpOf, labelsOf } from './jumps.ts';
import { choiceIn } from './choices.ts';
import { Scopes, givenAway } from './scopes.ts';

/** What decides how a function is lowered. */
export interface Lowering {
  /** Whether calls of a function have to be seen one by one. */
  readonly matters: (name: string) => boolean;
  /** What was made of macros. */
  readonly masked: Pick<Masked, 'loops' | 'scoped' | 'cleanups' | 'macros'>;
}

/** Makes the graph of a function from its statements. */
export function lower(body: Syntax, lowering: Lowering): Graph {
  return new Builder(lowering, body).build(body);
}

/** Where `break` or `continue` leads, and how many scopes are around that place. */
interface Target {
  readonly block: Block;
  readonly scopes: number;
}

class Builder {
  readonly #blocks: Block[] = [];
  private readonly labels: ReadonlySet<string>;
  readonly #labels = new Map<string, Block>();
  readonly #breaks: Target[] = [];
  readonly #continues: Target[] = [];
  private readonly scopes: Scopes;
  private readonly lowering: Lowering;
  #at: Block | undefined = undefined;
  #temporaries = 0;

  constructor(lowering: Lowering, body: Syntax) {
    this.lowering = lowering;
    this.scopes = new Scopes(body);
    this.labels = labelsOf(body);
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
        this.#scope(node, () => {
          for (const child of named(node)) this.#statement(child);
        });
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
      case 'goto_statement': {
        const name = part(node, 'label')?.text ?? '';
        this.#jump(name, node.line);
        return;
      }
      case 'break_statement':
        this.#leave(this.#breaks.at(-1), node.line);
        return;
      case 'continue_statement':
        this.#leave(this.#continues.at(-1), node.line);
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

  #jump(label: string, line: number): void {
    this.#undo(this.scopes.undoBefore(label), line);
    this.#goto(this.#label(label, line));
  }

  #leave(to: Target | undefined, line: number): void {
    if (to !== undefined) {
      this.#undo(this.scopes.undo(to.scopes), line);
      this.#goto(to.block);
    } else this.#at = undefined;
  }

  #scope(node: Syntax, inside: () => void): void {
    this.scopes.enter(node);
    inside();
    this.#undo(this.scopes.undo(this.scopes.depth - 1), lastLine(node));
    this.scopes.leave();
  }

  #undo(calls: readonly Syntax[], line: number): void {
    for (const call of calls) if (this.#at !== undefined) this.#expression({ ...call, line });
  }

  // `guard(kind)(lock)`, and the head of a `scoped_guard`.
  #guard(kind: string, lock: readonly Syntax[], at: Syntax): void {
    const calls = guardCalls(kind);
    if (calls === undefined) {
      for (const each of lock) this.#expression(each);
      return;
    }
    const [enter, leave] = calls;
    this.#expression(madeCall(enter, lock, at));
    this.scopes.atEnd(madeCall(leave, lock, at));
  }

  // The function that `__free` names is called with the variable, if it does anything to a mapping.
  #cleanup(declaration: Syntax, variable: Syntax): void {
    for (const [at, name] of this.lowering.masked.cleanups)
      if (at >= declaration.start && at < declaration.end && this.lowering.matters(releaseName(name)))
        this.scopes.atEnd(madeCall(releaseName(name), [variable], variable), variable.text);
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
      this.#expression(assignment(name, value));
      this.#cleanup(node, name);
    }
  }

  #if(node: Syntax): void {
    const condition = part(node, 'condition');
    const then = part(node, 'consequence');
    const refused = this.lowering.masked.scoped.get(node.start);
    if (refused !== undefined) {
      const [kind, ...rest] = named(condition).flatMap(flat);
      const lock = refused === '' ? rest : rest.slice(1);
      if (refused !== '') this.#refuse(refused, rest[0], node);
      this.#scope(node, () => {
        if (kind !== undefined) this.#guard(kind.text, lock, node);
        if (then !== undefined) this.#statement(then);
      });
      return;
    }
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

  // What a `scoped_cond_guard` does if the lock is not taken.
  #refuse(word: string, what: Syntax | undefined, node: Syntax): void {
    const [taken, refused] = [this.#join(node.line), this.#join(node.line)];
    this.#condition(made('unknown', node, []), taken, refused);
    this.#at = refused;
    if (word === 'return') this.#return(node, what);
    else if (word === 'goto') this.#jump(what?.text ?? '', node.line);
    else this.#leave((word === 'break' ? this.#breaks : this.#continues).at(-1), node.line);
    this.#at = taken;
  }

  #body(node: Syntax | undefined, onBreak: Block, onContinue: Block): void {
    this.#breaks.push({ block: onBreak, scopes: this.scopes.depth });
    this.#continues.push({ block: onContinue, scopes: this.scopes.depth });
    if (node !== undefined) this.#statement(node);
    this.#breaks.pop();
    this.#continues.pop();
  }

  #while(node: Syntax): void {
    const head = this.#join(node.line);
    const body = this.#join(node.line);
    const end = this.#join(node.line);
    const macro = this.lowering.masked.loops.get(node.start);
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
    this.#breaks.push({ block: end, scopes: this.scopes.depth });
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
    const choice = value === undefined ? undefined : choiceIn(value, this.lowering.matters);
    if (choice !== undefined && value !== undefined) {
      this.#either(choice, value, (chosen) => {
        this.#return(node, chosen);
      });
      this.#at = undefined;
      return;
    }
    const given = value === undefined ? undefined : givenAway(value);
    const bare =
      value === undefined || given === undefined ? value : replaced(value, given.call, given.variable);
    const undo = this.scopes.undo(0, given?.variable.text);
    if (bare === undefined || undo.length === 0) {
      if (bare !== undefined) this.#calls(bare);
      this.#undo(undo, node.line);
      this.#emit({ kind: 'return', node: bare }, node.line);
    } else {
      // What is returned is known before the scopes are left.
      const result = made('identifier', bare, [], `$return${String(this.#temporaries++)}`);
      this.#expression(assignment(result, bare));
      this.#undo(undo, node.line);
      this.#emit({ kind: 'return', node: result }, node.line);
    }
    this.#at = undefined;
  }

  #expression(node: Syntax): void {
    const bare = node.type === 'parenthesized_expression' ? named(node)[0] : node;
    if (bare === undefined) return;
    if (bare.type === 'comma_expression') {
      for (const child of named(bare)) this.#expression(child);
      return;
    }
    const guard = part(bare, 'function');
    if (guard?.type === 'call_expression' && calledName(guard) === 'guard') {
      this.#guard(argumentsOf(guard)[0]?.text ?? '', argumentsOf(bare), bare);
      return;
    }
    if (bare.type === 'call_expression' && calledName(bare) === 'return_ptr') {
      this.#return(bare, bare);
      return;
    }
    const given = givenAway(bare);
    if (given !== undefined) {
      this.#expression(replaced(bare, given.call, given.variable));
      this.#expression(assignment(given.variable, made('identifier', given.variable, [], 'NULL')));
      return;
    }
    const choice = choiceIn(bare, this.lowering.matters);
    if (choice !== undefined) {
      this.#either(choice, bare, (chosen) => {
        this.#expression(chosen);
      });
      return;
    }
    const jump = jumpOf(bare, this.labels, this.lowering.masked.macros);
    if (jump !== undefined) {
      for (const each of jump.before) this.#expression(each);
      const past = jump.isSometimes ? this.#onCondition(bare) : undefined;
      if (jump.label === undefined) this.#return(bare, jump.value);
      else this.#jump(jump.label, bare.line);
      this.#at = past;
      return;
    }
    this.#calls(bare, true);
    const name = bare.type === 'call_expression' ? calledName(bare) : undefined;
    if (name !== undefined && NO_RETURN.has(name)) {
      this.#at = undefined;
      return;
    }
    if (name === undefined || !this.lowering.matters(name))
      this.#emit({ kind: 'evaluate', node: bare }, bare.line);
  }

  // Enters the branch of a condition that only a macro knows; returns what is behind it.
  #onCondition(macro: Syntax): Block {
    const [inside, behind] = [this.#join(macro.line), this.#join(macro.line)];
    this.#condition(made('unknown', macro, [macro]), inside, behind);
    this.#at = inside;
    return behind;
  }

  #either(choice: Syntax, whole: Syntax, go: (chosen: Syntax) => void): void {
    const [yes, no, end] = [this.#join(whole.line), this.#join(whole.line), this.#join(whole.line)];
    this.#condition(part(choice, 'condition'), yes, no);
    for (const block of [yes, no]) {
      this.#at = block;
      const arm = part(choice, block === yes ? 'consequence' : 'alternative');
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
  #calls(node: Syntax, isStatement = false): void {
    for (const child of node.children) this.#calls(child);
    if (node.type !== 'call_expression') return;
    const name = calledName(node);
    if (name !== undefined && this.lowering.matters(name))
      this.#emit({ kind: 'call', node, name, isStatement }, node.line);
  }
}
