/**
 * Objects that only code refers to. The explorer does not watch them; it compares them with what they were.
 */
import { Hash } from '../../base/hash.ts';
import { addStructure } from '../structure.ts';
import type { Stranger } from '../structure.ts';

/** What was noted of one object. */
interface Note {
  readonly object: object;
  readonly name: string;
  /** The hash of what it holds, once it was compared for the first time. */
  before: number | undefined;
  readonly isPrototype: boolean;
}

/** Compares objects with what they were when they were first looked at. */
export class Kept {
  readonly #notes = new Map<object, Note>();
  readonly #changed: Note[] = [];
  readonly #counts = new Map<object, { readonly count: number; readonly name: string }>();
  readonly #parts: {
    readonly object: object;
    readonly key: string;
    readonly value: unknown;
    readonly name: string;
  }[] = [];
  readonly #hash = new Hash();

  /** All that an object holds stays as it is. */
  whole(object: object, name: string): void {
    this.#notes.set(object, { object, name, before: undefined, isPrototype: false });
  }

  /** The same of a prototype, which looks like an object of its class and is none. */
  prototype(object: object, name: string): void {
    this.#notes.set(object, {
      object,
      name: `the prototype of ${name}`,
      before: undefined,
      isPrototype: true,
    });
  }

  /** One property stays as it is. */
  part(object: object, key: string, name: string): void {
    this.#parts.push({ object, key, value: Reflect.getOwnPropertyDescriptor(object, key)?.value, name });
  }

  /** Functions and the language's own objects do not change, but they can be given further properties. */
  count(object: object, name: string): void {
    this.#counts.set(object, { count: Reflect.ownKeys(object).length, name });
  }

  /** A sentence for each object that is not what it was; each is named once. */
  changes(stranger: Stranger): readonly string[] {
    const found: string[] = [];
    for (const [object, { count, name }] of this.#counts)
      if (Reflect.ownKeys(object).length !== count) found.push(`${name} was given a property, or lost one`);
    for (const { object, key, value, name } of this.#parts)
      if (Reflect.getOwnPropertyDescriptor(object, key)?.value !== value)
        found.push(`"${key}" of ${name} changes while the program runs`);
    for (const note of this.#notes.values()) {
      const now = this.#hashOf(note, stranger);
      note.before ??= now;
      if (note.before === now) continue;
      this.#notes.delete(note.object);
      this.#changed.push(note);
      found.push(`${note.name} changes while the program runs`);
    }
    return found;
  }

  /** The name of an object that changed and is not again what it was at first. */
  survivor(stranger: Stranger): string | undefined {
    return this.#changed.find((note) => this.#hashOf(note, stranger) !== note.before)?.name;
  }

  #hashOf({ object, isPrototype }: Note, stranger: Stranger): number {
    return addStructure(this.#hash.reset(), isPrototype ? partsOf(object) : object, stranger).value;
  }
}

/** What a prototype holds, as a plain list. */
function partsOf(prototype: object): readonly unknown[] {
  return Reflect.ownKeys(prototype).flatMap((key): readonly unknown[] => {
    const descriptor = Reflect.getOwnPropertyDescriptor(prototype, key);
    return [String(key), descriptor?.value, descriptor?.get, descriptor?.set];
  });
}
