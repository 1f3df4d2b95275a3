/**
 * The macros of a file that a walk has to look into: those that jump, and those that only compare what they are given.
 */
import { isPure } from '../contracts/effects.ts';
import type { Directive } from '../../kernel-c/directives.ts';

/** A macro with parameters. */
export interface Macro {
  readonly start: number;
  /** Where it leads out of the statement in which it is used, if it does. */
  readonly jump: MacroJump | undefined;
  /** Whether its value depends on its arguments alone, and it does nothing. */
  readonly isQuestion: boolean;
}

/** `goto label`, or `return value`. */
interface MacroJump {
  readonly label: string | undefined;
  readonly value: string | undefined;
  /** Whether it jumps on a condition only. */
  readonly isSometimes: boolean;
}

/** The macros of a file, each name with its definitions in the order of the file. */
export type Macros = ReadonlyMap<string, readonly Macro[]>;

const FUNCTION_LIKE = /^(\w+)\(([^()]*)\)\s*(\S[\s\S]*)$/;
const JUMP = /\b(?:goto\s+(\w+)|return\b\s*([^;]*))\s*(?:;|$|\})/;
/** What undoes something before it jumps. */
const UNDOES = /\w*(?:unmap|put|free|release|unlock|stop|end)\w*\s*\(/i;

/** Takes the definition of a macro into a list, if it has parameters. */
export function takeMacro(macros: Map<string, Macro[]>, { word, rest, start }: Directive): void {
  if (word !== 'define') return;
  const [, name, parameters = '', body] = FUNCTION_LIKE.exec(rest) ?? [];
  if (name === undefined || body === undefined) return;
  const known = macros.get(name) ?? [];
  known.push({ start, jump: jumpIn(body, parameters), isQuestion: isQuestion(body) });
  macros.set(name, known);
}

function jumpIn(body: string, parameters: string): MacroJump | undefined {
  const [, label, value] = JUMP.exec(body) ?? [];
  if ((label ?? value) === undefined || UNDOES.test(body)) return undefined;
  // Where it leads is told by an argument.
  if (parameters.split(',').some((each) => each.trim() === label)) return undefined;
  return { label, value: value?.trim(), isSometimes: /\bif\s*\(|\bswitch\s*\(/.test(body) };
}

function isQuestion(body: string): boolean {
  if (/[;{}[\].]|->|\+\+|--|[^=!<>]=[^=]|\*\s*[(\w]/.test(body)) return false;
  return [...body.matchAll(/\b(\w+)\s*\(/g)].every(([, name = '']) => isPure(name));
}

/** The definition that counts at an offset. */
export function macroAt(macros: Macros, name: string, offset: number): Macro | undefined {
  return macros.get(name)?.findLast(({ start }) => start < offset);
}
