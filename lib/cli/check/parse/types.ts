/**
 * The types of simple expressions: of variables, elements and fields, as far as the file and its headers declare them.
 */
import { named, part } from './tree.ts';
import type { Syntax } from './tree.ts';

/** Fields of structures of the kernel that are pages. */
const PAGES: ReadonlySet<string> = new Set([
  'bv_page',
  'b_page',
  'scatterlist.page',
  'sg_page_iter.page',
  'sg_mapping_iter.page',
  'vm_fault.page',
]);

/** The structures that a text defines. Read when a field is first asked for. */
export class Structures {
  private readonly texts: readonly string[];
  readonly #known = new Map<string, ReadonlyMap<string, string>>();

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  /** The type of a field of `struct name`. */
  field(name: string, field: string): string | undefined {
    if (PAGES.has(field) || PAGES.has(`${name}.${field}`)) return 'struct page *';
    const known = this.#known.get(name) ?? this.#read(name);
    this.#known.set(name, known);
    return known.get(field);
  }

  #read(name: string): ReadonlyMap<string, string> {
    const fields = new Map<string, string>();
    for (const text of this.texts) {
      const [, body] = new RegExp(`\\bstruct\\s+${name}\\s*\\{([^{}]*)\\}`).exec(text) ?? [];
      if (body === undefined) continue;
      for (const line of body.split(';')) {
        const [, type = '', rest] =
          /^\s*((?:const\s+)?(?:(?:struct|union|enum)\s+)?\w+)\s+(.*)$/s.exec(line) ?? [];
        for (const each of rest?.split(',') ?? []) {
          const [, stars = '', field] = /^\s*(\**)\s*(\w+)\s*$/.exec(each) ?? [];
          if (field !== undefined) fields.set(field, `${type.replaceAll(/\s+/g, ' ')} ${stars}`.trim());
        }
      }
    }
    return fields;
  }
}

/** The type of an expression; `undefined` if it is not simple, or not declared in reach. */
export function typeOf(
  node: Syntax,
  variables: ReadonlyMap<string, string>,
  structures: Structures,
): string | undefined {
  const inner = (of: Syntax | undefined): string | undefined =>
    of === undefined ? undefined : typeOf(of, variables, structures);
  switch (node.type) {
    case 'identifier':
      return variables.get(node.text);
    case 'parenthesized_expression':
      return inner(named(node).at(-1));
    case 'subscript_expression':
      return pointedTo(inner(part(node, 'argument')));
    case 'pointer_expression': {
      const type = inner(part(node, 'argument'));
      if (part(node, 'operator')?.type === '*') return pointedTo(type);
      return type === undefined ? undefined : type.endsWith('*') ? `${type}*` : `${type} *`;
    }
    case 'field_expression': {
      const base = inner(part(node, 'argument'));
      const type = part(node, 'operator')?.type === '->' ? pointedTo(base) : base;
      const [, name] = /^(?:const )?struct (\w+)$/.exec(type ?? '') ?? [];
      const field = part(node, 'field')?.text;
      return name === undefined || field === undefined ? undefined : structures.field(name, field);
    }
    default:
      return undefined;
  }
}

function pointedTo(type: string | undefined): string | undefined {
  return type?.endsWith('*') === true ? type.slice(0, -1).trim() : undefined;
}
