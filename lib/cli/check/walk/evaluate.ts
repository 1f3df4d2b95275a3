/**
 * Evaluates expressions on a state.
 */
import { ASSERTS, assertedArgument, isPure } from '../contracts/effects.ts';
import { argumentsOf, calledName, named, part } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import { arithmetic, further } from './arithmetic.ts';
import { assume, assumeNull, assumePointer, compare, comparison, factOf, truthOf } from './facts.ts';
import type { State } from './state.ts';
import { expression, mappedOf, mappedValue, numberOf, numberValue, pointee, isMapped } from './value.ts';
import type { Value } from './value.ts';

/** What the walk is told while expressions are evaluated. */
export interface Watcher {
  /** Memory is read or written through an address. */
  accessed(state: State, address: Value, at: Syntax): void;
  /** A value was put into a variable, a field or an element. */
  stored(state: State, place: string, value: Value, at: Syntax): void;
  /** Something was added to the address of a mapping. */
  moved(state: State, address: Value, by: Value, at: Syntax): void;
  /** A function was called of which nothing special is known. */
  called(state: State, name: string | undefined, values: readonly Value[], at: Syntax): void;
}

/** A condition, and the states in which it is true and false, if it can be. */
export interface Branched {
  readonly value: Value;
  readonly yes: State | undefined;
  readonly no: State | undefined;
  /** The state in which a pointer is NULL after all that an earlier access shows not to be. */
  readonly excluded: Excluded | undefined;
}

/** A way that an earlier access excludes: through NULL, the access would have failed. */
interface Excluded {
  readonly way: 0 | 1;
  readonly state: State;
}

/** Evaluates the expressions of one function. */
export class Evaluator {
  private readonly watcher: Watcher;
  /** The results of calls that the walk makes itself, by the node of the call. */
  private readonly places: ReadonlyMap<Syntax, string>;
  private readonly isPointer: (name: string) => boolean;
  private readonly isQuestion: (name: string, offset: number) => boolean;
  /** How many conditions inside of the expression decide whether this part of it is evaluated. */
  #conditions = 0;
  /** What the last call returned that was given an address of a mapping. */
  #derived: { readonly result: Value; readonly token: string } | undefined = undefined;

  constructor(
    watcher: Watcher,
    places: ReadonlyMap<Syntax, string>,
    isPointer: (name: string) => boolean,
    isQuestion: (name: string, offset: number) => boolean,
  ) {
    this.isPointer = isPointer;
    this.isQuestion = isQuestion;
    this.watcher = watcher;
    this.places = places;
  }

  /** The value of an expression; changes the state as it does. */
  value(state: State, node: Syntax | undefined): Value {
    if (node === undefined) return state.fresh('none');
    switch (node.type) {
      case 'identifier':
        return load(state, node.text);
      case 'number_literal':
        return numberLiteral(node.text);
      case 'char_literal':
        return numberValue(node.text.charCodeAt(1));
      case 'string_literal':
      case 'concatenated_string':
        return `"${String(node.start)}"`;
      case 'true':
        return '#1';
      case 'false':
      case 'null':
        return '#0';
      case 'parenthesized_expression':
        return this.value(state, named(node).at(-1));
      case 'cast_expression':
        return this.value(state, part(node, 'value'));
      case 'comma_expression': {
        let last: Value = '#0';
        for (const child of named(node)) last = this.value(state, child);
        return last;
      }
      case 'pointer_expression':
        return this.#pointer(state, node);
      case 'field_expression':
      case 'subscript_expression':
        return load(state, this.place(state, node));
      case 'unary_expression':
        return this.#unary(state, node);
      case 'binary_expression':
        return this.#binary(state, node);
      case 'assignment_expression':
        return this.#assignment(state, node);
      case 'update_expression':
        return this.#update(state, node);
      case 'conditional_expression':
        return this.#conditional(state, node);
      case 'call_expression':
        return this.#call(state, node);
      case 'sizeof_expression':
      case 'offsetof_expression':
        return node.text.replaceAll(/\s+/g, ' ');
      default:
        for (const child of named(node)) this.value(state, child);
        return state.fresh(`e${String(node.start)}`);
    }
  }

  /** The place that an expression names, as a variable of the state. */
  place(state: State, node: Syntax): string {
    switch (node.type) {
      case 'identifier':
        return node.text;
      case 'parenthesized_expression':
      case 'cast_expression': {
        const inner = named(node).at(-1);
        return inner === undefined ? node.text : this.place(state, inner);
      }
      case 'pointer_expression': {
        const value = this.value(state, part(node, 'argument'));
        if (part(node, 'operator')?.type === '&') return `&(${value})`;
        this.watcher.accessed(state, value, node);
        this.#used(state, value, node);
        isInside(state, part(node, 'argument'), value);
        return pointee(value) ?? `*${value}`;
      }
      case 'field_expression': {
        const argument = part(node, 'argument');
        const field = part(node, 'field')?.text ?? '';
        if (argument === undefined) return node.text;
        if (part(node, 'operator')?.type === '->') {
          const value = this.value(state, argument);
          this.watcher.accessed(state, value, node);
          this.#used(state, value, node);
          isInside(state, argument, value);
          const variable = pointee(value);
          return variable === undefined ? expression(`${value}->${field}`) : fieldOf(state, variable, field);
        }
        return fieldOf(state, this.place(state, argument), field);
      }
      case 'subscript_expression': {
        const base = this.value(state, part(node, 'argument'));
        const index = this.value(state, part(node, 'index') ?? named(node).at(-1));
        if (isMapped(base) || base === '#0') this.watcher.accessed(state, base, node);
        return expression(`${pointee(base) ?? base}[${index}]`);
      }
      default:
        return this.value(state, node);
    }
  }

  /** Whether a condition can be true, and whether it can be false: the states in which it is. */
  branch(state: State, node: Syntax, copy: (state: State) => State): Branched {
    const value = this.value(state, node);
    const known = value.startsWith('!')
      ? negated(truthOf(state.facts, value.slice(1)))
      : truthOf(state.facts, value);
    if (known !== undefined)
      return {
        value,
        yes: known ? state : undefined,
        no: known ? undefined : state,
        excluded: this.#excluded(state, node, copy),
      };
    const no = copy(state);
    return {
      value,
      yes: assume(state.facts, value, true) ? state : undefined,
      no: assume(no.facts, value, false) ? no : undefined,
      excluded: undefined,
    };
  }

  #excluded(state: State, node: Syntax, copy: (state: State) => State): Excluded | undefined {
    const operator = part(node, 'operator')?.type;
    const isCompared =
      (operator === '==' || operator === '!=') && /^(?:NULL|0)$/.test(part(node, 'right')?.text ?? '');
    const tested = isCompared ? part(node, 'left') : node;
    if (tested === undefined || !/^(?:identifier|field_expression)$/.test(tested.type)) return undefined;
    const value = this.value(state, tested);
    const { shownIn } = factOf(state.facts, value);
    if (shownIn === undefined) return undefined;
    const excluded = copy(state);
    assumeNull(excluded.facts, value);
    excluded.excludedIn = shownIn;
    return { way: operator === '==' ? 0 : 1, state: excluded };
  }

  /** Makes everything unknown that a pointer given to a function lets it change. */
  forget(state: State, address: Value, place: string): void {
    const variable = pointee(address);
    if (variable !== undefined) this.#passed(state, variable, place);
  }

  /** Makes a variable and its fields unknown. */
  clear(state: State, variable: string, place: string): void {
    for (const name of [...state.variables.keys()])
      if (name.startsWith(variable) && /^[.[]/.test(name.slice(variable.length)))
        state.variables.delete(name);
    state.variables.set(variable, state.fresh(`${place}.${variable}`));
  }

  // A function that is given the address of a pointer may move it on; addresses in a structure are thought to stay.
  #passed(state: State, variable: string, place: string): void {
    const mapped = mappedOf(state.variables.get(variable) ?? '');
    if (mapped !== undefined) {
      state.variables.set(variable, mappedValue(mapped.token, 'moved'));
      return;
    }
    // What is known of the fields of a structure is thought to stay true.
    for (const name of state.variables.keys())
      if (name.startsWith(variable) && /^[.[]/.test(name.slice(variable.length))) return;
    this.clear(state, variable, place);
  }

  // The value of an expression that is evaluated under a condition only.
  #perhaps(state: State, node: Syntax | undefined): Value {
    this.#conditions++;
    const value = this.value(state, node);
    this.#conditions--;
    return value;
  }

  #used(state: State, value: Value, { line }: Syntax): void {
    if (this.#conditions === 0) assumePointer(state.facts, value, line);
  }

  #pointer(state: State, node: Syntax): Value {
    const argument = part(node, 'argument');
    if (part(node, 'operator')?.type !== '&') return load(state, this.place(state, node));
    if (argument === undefined) return '#0';
    const place = this.#addressed(state, argument);
    // The address of an element of mapped memory: `&p[4]`, `&p->field`.
    return isMapped(place) ? place : `&(${place})`;
  }

  #addressed(state: State, node: Syntax): string {
    const inner = node.type === 'parenthesized_expression' ? (named(node)[0] ?? node) : node;
    if (inner.type === 'subscript_expression') {
      const base = this.value(state, part(inner, 'argument'));
      const index = this.value(state, part(inner, 'index') ?? named(inner).at(-1));
      const mapped = mappedOf(base);
      if (mapped !== undefined) return mappedValue(mapped.token, further(mapped.offset));
      return expression(`${pointee(base) ?? base}[${index}]`);
    }
    if (inner.type === 'field_expression' && part(inner, 'operator')?.type === '->') {
      const value = this.value(state, part(inner, 'argument'));
      const mapped = mappedOf(value);
      if (mapped !== undefined) return mappedValue(mapped.token, further(mapped.offset));
      const variable = pointee(value);
      const field = part(inner, 'field')?.text ?? '';
      return variable === undefined ? expression(`${value}->${field}`) : fieldOf(state, variable, field);
    }
    return this.place(state, inner);
  }

  #unary(state: State, node: Syntax): Value {
    const argument = part(node, 'argument');
    const operator = part(node, 'operator')?.type;
    if (operator === '-' && argument?.type === 'identifier' && /^E[A-Z0-9]+$/.test(argument.text))
      return `-E:${argument.text}`;
    const value = this.value(state, argument);
    const number = numberOf(value);
    if (operator === '!') {
      const truth = truthOf(state.facts, value);
      if (truth !== undefined) return truth ? '#0' : '#1';
      return value.startsWith('!') ? value.slice(1) : `!${value}`;
    }
    if (operator === '-' && number !== undefined) return numberValue(-number);
    if (operator === '+') return value;
    return expression(`${operator ?? ''}(${value})`);
  }

  #isPointer(node: Syntax | undefined): boolean {
    if (node?.type === 'cast_expression' || node?.type === 'parenthesized_expression')
      return this.#isPointer(named(node).at(-1));
    return node?.type === 'identifier' && this.isPointer(node.text);
  }

  #binary(state: State, node: Syntax): Value {
    const operator = part(node, 'operator')?.type ?? '';
    const left = this.value(state, part(node, 'left'));
    const isLogical = operator === '&&' || operator === '||';
    const right = isLogical
      ? this.#perhaps(state, part(node, 'right'))
      : this.value(state, part(node, 'right'));
    if (operator === '+' && isMapped(left)) this.watcher.moved(state, left, right, node);
    if (operator === '+' && isMapped(right)) this.watcher.moved(state, right, left, node);
    // NULL with an offset leads nowhere either.
    if (operator === '+' && left === '#0' && this.#isPointer(part(node, 'left'))) return left;
    const compared = comparison(operator, left, right);
    if (compared !== undefined) {
      const known = compare(state.facts, compared);
      return typeof known === 'string' ? known : known ? '#1' : '#0';
    }
    if (isLogical) {
      const [a, b] = [truthOf(state.facts, left), truthOf(state.facts, right)];
      const decides = operator === '||';
      if (a === decides || b === decides) return decides ? '#1' : '#0';
      // `true && b` is b.
      if (a === !decides) return right;
      if (b === !decides) return left;
    }
    return arithmetic(operator, left, right);
  }

  #assignment(state: State, node: Syntax): Value {
    const target = part(node, 'left');
    const operator = part(node, 'operator')?.type ?? '=';
    this.#derived = undefined;
    const right = this.value(state, part(node, 'right'));
    if (target === undefined) return right;
    const place = this.place(state, target);
    const token = this.isPointer(place) ? this.#derivedFrom(right) : undefined;
    const given = token === undefined ? right : mappedValue(token, 'derived');
    if (operator === '+=') this.watcher.moved(state, load(state, place), given, node);
    const value =
      operator === '='
        ? given
        : given === 'PAGE_SIZE' && isOld(state, load(state, place))
          ? state.fresh(`p${String(node.start)}`)
          : moved(arithmetic(operator.slice(0, -1), load(state, place), given), state, place);
    this.#store(state, place, value, node);
    return value;
  }

  #derivedFrom(result: Value): string | undefined {
    return this.#derived?.result === result ? this.#derived.token : undefined;
  }

  #update(state: State, node: Syntax): Value {
    const target = part(node, 'argument');
    if (target === undefined) return '#0';
    const place = this.place(state, target);
    const before = load(state, place);
    const after = moved(
      arithmetic(part(node, 'operator')?.type === '--' ? '-' : '+', before, '#1'),
      state,
      place,
    );
    this.#store(state, place, after, node);
    // `p++` is worth p.
    return node.children[0]?.field === 'operator' ? after : before;
  }

  #store(state: State, place: string, value: Value, node: Syntax): void {
    this.watcher.stored(state, place, value, node);
    const within = `${place}.`;
    for (const name of [...state.variables.keys()]) if (name.startsWith(within)) state.variables.delete(name);
    state.variables.set(place, value);
  }

  #conditional(state: State, node: Syntax): Value {
    const condition = this.value(state, part(node, 'condition'));
    const truth = truthOf(state.facts, condition);
    const yes =
      truth === false
        ? undefined
        : this.#perhaps(state, part(node, 'consequence') ?? part(node, 'condition'));
    const no = truth === true ? undefined : this.#perhaps(state, part(node, 'alternative'));
    if (yes === undefined || no === undefined || yes === no) return yes ?? no ?? '#0';
    return expression(`(${condition}?${yes}:${no})`);
  }

  #call(state: State, node: Syntax): Value {
    const place = this.places.get(node);
    if (place !== undefined) return load(state, place);
    const name = calledName(node);
    const nodes = argumentsOf(node);
    const asserted = name === undefined ? undefined : nodes[assertedArgument(name)];
    if (name !== undefined && ASSERTS.has(name) && asserted !== undefined) {
      // What the assertion excludes was tested by it.
      if (!assume(state.facts, this.value(state, asserted), ASSERTS.get(name) === true))
        state.failed = undefined;
      return '#0';
    }
    const callee = part(node, 'function');
    if (callee !== undefined && callee.type !== 'identifier') this.value(state, callee);
    const values = nodes.map((argument) => this.value(state, argument));
    if (
      name === 'likely' ||
      name === 'unlikely' ||
      name === 'WARN_ON' ||
      name === 'WARN_ON_ONCE' ||
      name === 'READ_ONCE'
    )
      return values[0] ?? '#0';
    this.watcher.called(state, name, values, node);
    if (/^IS_ERR/.test(name ?? '') && mappedOf(values[0] ?? '') !== undefined) return '#0';
    if (name !== undefined && (isPure(name) || this.isQuestion(name, node.start)))
      return expression(`${name}(${values.join(',')})`);
    if (/^(?:mem|copy_|str)/.test(name ?? ''))
      for (const [at, value] of values.entries()) isInside(state, nodes[at], value);
    for (const value of values) this.forget(state, value, `c${String(node.start)}`);
    // A macro may give a variable a value: `ALLOC(object, size)`.
    if (name !== undefined && /^[A-Z][A-Z_0-9]+$/.test(name))
      for (const [at, argument] of nodes.entries())
        if (argument.type === 'identifier' && numberOf(values[at] ?? '') !== undefined)
          this.clear(state, argument.text, `c${String(node.start)}`);
    const result = state.fresh(`c${String(node.start)}`);
    const token = values.map((value) => mappedOf(value)?.token).find((each) => each !== undefined);
    if (token !== undefined && !/dup|alloc|create|copy/.test(name ?? '')) this.#derived = { result, token };
    return result;
  }
}

// A pointer through which something was read stands in the page, and not at its end.
function isInside(state: State, node: Syntax | undefined, value: Value): void {
  const mapped = mappedOf(value);
  if (node?.type === 'identifier' && mapped?.offset === 'moved')
    state.variables.set(node.text, mappedValue(mapped.token, 'inside'));
}

function negated(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

/** What a place holds. */
function load(state: State, place: string): Value {
  return state.variables.get(place) ?? constant(place) ?? place;
}

function constant(name: string): Value | undefined {
  if (name === 'NULL' || name === 'false') return '#0';
  return name === 'true' ? '#1' : undefined;
}

// The field of a structure that was filled as a whole belongs to what filled it.
function fieldOf(state: State, variable: string, field: string): string {
  const place = `${variable}.${field}`;
  if (state.variables.has(place)) return place;
  const whole = state.variables.get(variable);
  if (whole === undefined) return place;
  const inner = pointee(whole);
  return `${inner ?? whole}.${field}`;
}

function numberLiteral(text: string): Value {
  const number = Number(text.replace(/[uUlL]+$/, '').replace(/^0(?=[0-7]+$)/, '0o'));
  return Number.isNaN(number) ? text : numberValue(number);
}

// A page behind a mapping that has ended lies another page.
function isOld(state: State, value: Value): boolean {
  const mapped = mappedOf(value);
  return mapped !== undefined && state.mapping(mapped.token)?.status === 'released';
}

// An address that is moved on in place again and again may stand at the end. Once is an offset in the page.
function moved(value: Value, state: State, place: string): Value {
  const mapped = mappedOf(value);
  const before = mappedOf(load(state, place));
  return mapped === undefined || before === undefined
    ? value
    : mappedValue(
        mapped.token,
        before.offset === 'start' ? 'inside' : before.offset === 'derived' ? 'derived' : 'moved',
      );
}
