/**
 * Addresses of pages that may be in high memory: `page_address` and `sg_virt` of them are NULL, unless kmap has mapped
 * them. Judged by the text of one function: where the page comes from, and whether anything asks for PageHighMem.
 */
import { ALLOCATES } from '../contracts/effects.ts';
import { ofSighting } from '../judge.ts';
import type { Finding } from '../judge.ts';
import type { CFunction } from '../parse/grammar.ts';
import { argumentsOf, calledName, named, part, within } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import { typeOf } from '../parse/types.ts';
import type { Structures } from '../parse/types.ts';
import { shortened } from '../walk/walked.ts';

/** Functions that compute the permanent address of a page, or of the first page of an entry or a folio. */
const ADDRESS = /\b(?:lowmem_page_address|page_address|folio_address|sg_virt)\s*\(/;
/** What makes a function right by asking, or by mapping. */
const ASKS =
  /\bPageHighMem\b|\bfolio_test_highmem\b|\b__GFP_HIGHMEM\s*\)\s*\)|\bCONFIG_(?:HIGHMEM|64BIT|X86_64)\b|\bkmap\s*\(/;
/** What tells that the page cache of the file is in low memory. */
const LOW = /\b(?:inode_nohighmem|mapping_set_gfp_mask)\b/;
/** What tells that the block layer copies data out of high memory before the driver has them. */
const BOUNCES = /\bblk_queue_bounce_limit\b|\bno_highmem\b/;
const HIGH_FLAGS = /\b(?:GFP_HIGHUSER\w*|__GFP_HIGHMEM)\b/;
const CACHED =
  /^(?:read_(?:mapping|cache)_(?:page|folio)|shmem_read_(?:mapping_page|folio)|grab_cache_page|find_(?:get|lock)_page|find_or_create_page|pagecache_get_page|filemap_(?:get|lock|grab)_folio)$/;
const PINS = /^(?:get|pin)_user_pages(?:_fast|_unlocked|_remote)?$/;
/** Architectures that have high memory; powerpc has it in kernels of 32 bits only, which few of its files are for. */
const HIGHMEM_ARCH = /^(?:arc|arm|csky|microblaze|mips|sparc|x86|xtensa)$/;
/** Where the address is no pointer that is followed. */
const HARMLESS = /^(?:dev_|pr_|printk|trace_|seq_|k?v?free|free_page|netdev_|DPRINTK|DBG|\w*dbg)/;

/** Requests of block devices, files and users: their data are where their pages happen to be. */
const REQUESTS: ReadonlyMap<string, string> = new Map([
  ['struct mmc_data *', 'sg'],
  ['struct ahash_request *', 'src'],
  ['struct skcipher_request *', 'src|dst'],
  ['struct aead_request *', 'src|dst'],
]);
const REQUEST = /\b(?:const )?(struct (?:mmc_data|(?:ahash|skcipher|aead)_request|scatterlist) \*)(\w+)/g;
const COMMAND = 'struct scsi_cmnd *';
const SOURCE = new RegExp(
  [
    HIGH_FLAGS,
    REQUEST,
    /vmalloc_to_page|_user_pages|_mapping_(?:page|folio)|_cache_(?:page|folio)/,
    /find_\w*page|filemap_\w+_folio|scsi_sglist|scsi_for_each_sg/,
  ]
    .map(({ source }) => source)
    .join('|'),
);
/** How often a value is looked for in what calls the function, and in what it is assigned from. */
const MOST_LEVELS = 4;

/** Whether a file has a function that can be judged here. */
export function mayTakeAddresses(text: string): boolean {
  return ADDRESS.test(text) && SOURCE.test(text);
}

/** Whether a file is for kernels that can have high memory. */
export function canHaveHighmem(path: string): boolean {
  const [, arch] = /(?:^|[/\\])arch[/\\](\w+)[/\\]/.exec(path) ?? [];
  return arch === undefined || HIGHMEM_ARCH.test(arch);
}

/** Whether a function can be judged here at all. */
export function takesAddresses({ text }: Pick<CFunction, 'text'>): boolean {
  return ADDRESS.test(text) && !ASKS.test(text);
}

/** What is wrong with the addresses of pages that a function takes. */
export function judgeAddresses(
  found: CFunction,
  file: string,
  types: ReadonlyMap<string, string>,
  structures: Structures,
): readonly Finding[] {
  const origins = new Origins(found, file, (node) => typeOf(node, types, structures));
  const told = new Set<string>();
  return addressesIn(found.body, false).flatMap(({ call, name }): readonly Finding[] => {
    const [argument] = argumentsOf(call);
    if (argument === undefined) return [];
    const known = origins.of(argument, call);
    const origin = known ?? origins.entryOfCaller(argument);
    if (origin === undefined || told.has(origin) || isTested(found, call)) return [];
    told.add(origin);
    const says = `${name} of ${shortened(argument.text)} is NULL, or NULL plus an offset, if the page is in high memory and kmap has not mapped it`;
    return [
      ofSighting(
        found,
        {
          rule: 'no-linear-address',
          line: call.line,
          contract: undefined,
          mapLine: undefined,
          sureness: known === undefined ? 'note' : 'warning',
          because: origin,
          says,
          path: undefined,
          excludedIn: undefined,
          variant: undefined,
          page: undefined,
        },
        file,
      ),
    ];
  });
}

interface Taken {
  readonly call: Syntax;
  readonly name: string;
}

// The calls that take an address, those apart whose result is only printed or freed.
function addressesIn(node: Syntax, isHarmless: boolean): readonly Taken[] {
  if (node.type !== 'call_expression')
    return node.children.flatMap((child) => addressesIn(child, isHarmless));
  const name = calledName(node) ?? part(node, 'function')?.text ?? '';
  if (ADDRESS.test(`${name}(`)) return isHarmless ? [] : [{ call: node, name }];
  const isWithin = isHarmless || HARMLESS.test(name);
  return node.children.flatMap((child) => addressesIn(child, isWithin));
}

/** Where the pages of a function come from. */
class Origins {
  private readonly found: CFunction;
  private readonly file: string;
  private readonly type: (node: Syntax) => string | undefined;

  constructor(found: CFunction, file: string, type: (node: Syntax) => string | undefined) {
    this.found = found;
    this.file = file;
    this.type = type;
  }

  /** Where a page, a folio or an entry of a list comes from, if that may be high memory. */
  of(node: Syntax, before: Syntax, levels = MOST_LEVELS): string | undefined {
    if (levels === 0) return undefined;
    switch (node.type) {
      case 'parenthesized_expression':
      case 'cast_expression': {
        const inner = named(node).at(-1);
        return inner === undefined ? undefined : this.of(inner, before, levels);
      }
      case 'call_expression':
        return this.#called(node, before, levels);
      case 'identifier':
        return this.#assigned(node.text, before, levels) ?? this.#given(node.text);
      case 'subscript_expression':
        return this.#element(part(node, 'argument'), before);
      case 'field_expression':
        return this.#requested(node) ?? this.#kept(part(node, 'field')?.text ?? '');
      default:
        return undefined;
    }
  }

  /** Why the entry of a list that is a parameter may have a page in high memory. */
  entryOfCaller(node: Syntax): string | undefined {
    const { text } = node;
    const [, name] = /^(?:sg_page\()?(\w+)(?:->page)?\)?$/.exec(text) ?? [];
    if (name === undefined || !/^(?:const )?struct scatterlist \*$/.test(this.#parameter(name)?.type ?? ''))
      return undefined;
    return `a caller gives the entry ${name}, and nothing here tells where its page is`;
  }

  #parameter(name: string): CFunction['parameters'][number] | undefined {
    return this.found.parameters.find((parameter) => parameter.name === name);
  }

  #called(call: Syntax, before: Syntax, levels: number): string | undefined {
    const name = calledName(call) ?? '';
    const given = argumentsOf(call);
    const [first] = given;
    const flags = given[ALLOCATES.get(name) ?? -1]?.text ?? '';
    if (HIGH_FLAGS.test(flags) && !flags.includes('~'))
      return `${name} of line ${String(call.line)} is allowed to take high memory`;
    if (name === 'scsi_sglist') return this.#command();
    if (name === 'vmalloc_to_page' && !/\bvmalloc_32/.test(this.file))
      return 'vmalloc takes its pages from high memory if there is any';
    if (CACHED.test(name) && this.#isOfFile(given))
      return `${name} of line ${String(call.line)} gives a page of a file, and nothing here keeps those in low memory`;
    if (/^(?:page_folio|folio_page|sg_page|nth_page|sg_next)$/.test(name) && first !== undefined)
      return this.of(first, before, levels - 1);
    return undefined;
  }

  // The pages of a mapping that is named as that of an inode. Block devices and meta data have theirs in low memory, as
  // do symbolic links; flags that are given decide as well.
  #isOfFile(given: readonly Syntax[]): boolean {
    if (
      LOW.test(this.file) ||
      /link/.test(this.found.name) ||
      given.some(({ text }) => /GFP_|_gfp\b/.test(text))
    )
      return false;
    const [mapping] = given;
    if (mapping === undefined) return false;
    const values = mapping.type === 'identifier' ? this.#values(mapping.text) : [mapping];
    return (
      values.length === 1 &&
      values.every(({ text }) => /->i_mapping$/.test(text) && !text.includes('bd_inode'))
    );
  }

  // What a variable is assigned.
  #values(name: string): readonly Syntax[] {
    return [...assignments(this.found.body, name)];
  }

  #assigned(name: string, before: Syntax, levels: number): string | undefined {
    for (const value of this.#values(name)) {
      if (value.start >= before.start || value.text === name) continue;
      const found = this.of(value, value, levels - 1);
      if (found !== undefined) return found;
    }
    // The entry in which a loop stands: `for_each_sg(request->src, entry, count, i)`.
    for (const loop of within(this.found.body, 'while_statement')) {
      const [list, entry] = named(part(loop, 'condition')).flatMap(flat);
      if (list === undefined || entry?.text !== name || loop.start >= before.start) continue;
      // Data for checks of integrity are allocated by the kernel.
      if (this.type(list) === COMMAND && !this.found.text.includes('prot_sg')) return this.#command();
      return list.type === 'call_expression'
        ? this.#called(list, before, levels - 1)
        : list.type === 'field_expression'
          ? this.#requested(list)
          : undefined;
    }
    return undefined;
  }

  #element(array: Syntax | undefined, before: Syntax): string | undefined {
    if (array === undefined) return undefined;
    for (const call of within(this.found.body, 'call_expression')) {
      const name = calledName(call) ?? '';
      if (
        call.start < before.start &&
        PINS.test(name) &&
        argumentsOf(call).some(({ text }) => text === array.text)
      )
        return `${name} of line ${String(call.line)} gives pages of a user`;
    }
    return undefined;
  }

  #requested(node: Syntax): string | undefined {
    const base = part(node, 'argument');
    const type = base === undefined ? undefined : this.type(base);
    const fields = REQUESTS.get(type ?? '')?.split('|');
    if (type === undefined || fields?.includes(part(node, 'field')?.text ?? '') !== true) return undefined;
    return requestOf(type);
  }

  #command(): string | undefined {
    return BOUNCES.test(this.file) ? undefined : requestOf(COMMAND);
  }

  // A field in which the file keeps the list of a request: `host->entry = data->sg`.
  #kept(field: string): string | undefined {
    if (new RegExp(`(?:->|\\.)${field}\\s*=\\s*scsi_sglist\\s*\\(`).test(this.file)) return this.#command();
    return this.#ofRequest(new RegExp(`(?:->|\\.)${field}\\s*=\\s*(\\w+)->(\\w+)\\s*;`, 'g'));
  }

  // An argument that is the list of a request where the file calls the function.
  #given(name: string): string | undefined {
    const at = this.found.parameters.findIndex((parameter) => parameter.name === name);
    if (at < 0 || this.found.parameters[at]?.type !== 'struct scatterlist *') return undefined;
    return this.#ofRequest(
      new RegExp(
        `\\b${this.found.name}\\s*\\((?:(?:[^,();]|\\([^()]*\\))*,){${String(at)}}\\s*(\\w+)->(\\w+)\\s*[,)]`,
        'g',
      ),
    );
  }

  #ofRequest(pattern: RegExp): string | undefined {
    for (const [, variable = '', field = ''] of this.file.matchAll(pattern))
      for (const [, type = '', name] of this.file.matchAll(REQUEST))
        if (name === variable && REQUESTS.get(type)?.split('|').includes(field) === true)
          return requestOf(type);
    return undefined;
  }
}

function requestOf(type: string): string {
  return `a ${type.replace(' *', '')} may have pages of files and users, which are in high memory if there is any`;
}

function flat(node: Syntax): readonly Syntax[] {
  return node.type === 'comma_expression' ? named(node).flatMap(flat) : [node];
}

// Whether the function asks for NULL afterwards.
function isTested({ body, text }: CFunction, call: Syntax): boolean {
  for (const { name, value } of assigned(body))
    if (value.start === call.start && value.end === call.end)
      return new RegExp(
        `!\\s*${name}\\b|\\b${name}\\s*[!=]=\\s*NULL|_NULL\\s*\\([^();]*\\b${name}\\s*\\)`,
      ).test(text);
  return false;
}

function* assignments(body: Syntax, name: string): Generator<Syntax> {
  for (const each of assigned(body)) if (each.name === name) yield each.value;
}

function* assigned(body: Syntax): Generator<{ readonly name: string; readonly value: Syntax }> {
  for (const type of ['assignment_expression', 'init_declarator'])
    for (const node of within(body, type)) {
      const target = part(node, type === 'init_declarator' ? 'declarator' : 'left');
      const value = part(node, type === 'init_declarator' ? 'value' : 'right');
      const name = target?.text.replace(/^\**\s*/, '') ?? '';
      if (value !== undefined && /^\w+$/.test(name)) yield { name, value };
    }
}
