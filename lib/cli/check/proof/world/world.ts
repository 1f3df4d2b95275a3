/**
 * A world for functions of a kernel source file, as C: what their arguments lead to, what the functions return that are
 * not taken, and a task that calls. What is not known is left to the explorer.
 */
import { SLEEPS } from '../../contracts/effects.ts';
import { inAskedOrder } from './asked.ts';
import type { Asked } from './asked.ts';
import { contractBody } from './contract-stubs.ts';
import { declaredIn as readDeclared, headIn } from './declared.ts';
import type { Declared, Head } from './declared.ts';
import { valuesFor } from './values.ts';
import type { Values } from './values.ts';

/** What is known of the functions that a world is made for. */
export interface Scene {
  /** The function that the task calls. */
  readonly head: Head;
  /** The text of all functions that were taken. */
  readonly text: string;
  readonly values: Values;
  /** What the way of the finding asks for. */
  readonly asked: Asked;
  /** The members of a structure that was taken; `undefined` for one whose members are not known. */
  readonly membersOf: (tag: string) => readonly Declared[] | undefined;
  /** A declaration with the type that its typedef stands for. */
  readonly plain: (found: Declared) => Declared;
  /** Whether a name stands for a number. */
  readonly isNumber: (type: string) => boolean;
  /** Heads of functions that were not taken. */
  readonly stubs: readonly string[];
  /** Functions of which not even the head was found, with what they seem to return. */
  readonly unknown: ReadonlyMap<string, string>;
  /** Whether functions that are not here may move the pointers of a structure that they are given on by a page. */
  readonly movesPointers: boolean;
  /** Variables that were taken, as they are declared. */
  readonly variables: readonly Declared[];
  /** Numbers that are declared by a macro, such as parameters of the module. */
  readonly parameters: readonly Declared[];
}

/** How far pointers are followed from an argument. */
const DEPTH = 3;

const HELPERS = `/* A page of highmem. Of its bytes each read chooses a value. */
static struct page *explored_new_page(void)
{
	struct page *page = alloc_page(GFP_ATOMIC | __GFP_HIGHMEM);

	explored_page(page, 0, 1, -1);
	return page;
}

static struct page **explored_pages(void)
{
	struct page **pages = kzalloc(4 * sizeof(*pages), GFP_ATOMIC);
	int i;

	for (i = 0; i < 4; i++)
		pages[i] = explored_new_page();
	return pages;
}

/* A list of two entries: a whole page, and a part of another one. */
static struct scatterlist *explored_list(void)
{
	struct scatterlist *list = kzalloc(2 * sizeof(*list), GFP_ATOMIC);

	sg_init_table(list, 2);
	sg_set_page(&list[0], explored_new_page(), PAGE_SIZE, 0);
	sg_set_page(&list[1], explored_new_page(), 512, 1024);
	return list;
}

static struct bio_vec *explored_vectors(void)
{
	struct bio_vec *vectors = kzalloc(2 * sizeof(*vectors), GFP_ATOMIC);

	bvec_set_page(&vectors[0], explored_new_page(), PAGE_SIZE, 0);
	bvec_set_page(&vectors[1], explored_new_page(), 512, 1024);
	return vectors;
}

static void *explored_buffer(void)
{
	void *buffer = kmalloc(2 * PAGE_SIZE, GFP_ATOMIC);

	explored_bytes(buffer, 2 * PAGE_SIZE, 0, 1, -1);
	return buffer;
}
`;

/** Writes the world behind a slice. */
export function worldFor(scene: Scene): string {
  return new World(scene).text();
}

class World {
  private readonly scene: Scene;
  /** More values for counts. */
  private readonly counts: readonly string[];
  /** Makers of structures by their tags; `undefined` while one is written. */
  readonly #makers = new Map<string, string>();
  readonly #calls: string[] = [];

  constructor(scene: Scene) {
    this.scene = scene;
    // A pointer that is moved on ends at the end of a page after so many elements.
    this.counts = scene.movesPointers ? ['PAGE_SIZE / 4', 'PAGE_SIZE'] : [];
  }

  text(): string {
    const { head, stubs, unknown, variables, parameters } = this.scene;
    const all = head.parameters.map((one, i) => this.#argument(one, i));
    const setUp = [
      ...all.flatMap(({ statements }) => statements),
      ...variables.flatMap((one) => this.#fill(one.name, one, 'variable')),
      ...parameters.flatMap((one) => this.#fill(one.name, one, 'argument')),
    ];
    const results = [
      ...stubs.map((one) => this.#stub(one)),
      ...[...unknown].map(([name, type]) => this.#unknown(name, type)),
    ];
    const makers = [...this.#makers.values()];
    const heads = [...makers, ...this.#calls].flatMap((one) =>
      (one.match(/^static .*\)$/gm) ?? []).map((head) => `${head};`),
    );
    return [
      '#include <linux/bvec.h>',
      '#include <linux/io-mapping.h>',
      '#include <linux/scatterlist.h>',
      '#include <linux/slab.h>',
      HELPERS,
      '/* What pointers lead to. A number holds one of the values that are listed. */',
      ...heads,
      '',
      ...makers,
      ...this.#calls,
      '/* What the functions return that are not here. */',
      ...results,
      '/* Who calls. */',
      ...all.map(({ declaration }) => declaration),
      `SETUP(world)\n{\n${setUp.map((one) => `\t${one}\n`).join('')}}\n`,
      `SECTION(task, caller)\n{\n\t${head.name}(${all.map(({ name }) => name).join(', ')});\n}\n`,
      'MACHINE(lowmemPages = 256, highmemPages = 256)',
      'PROGRAM(allow = memory-leak, allow = uninitialised-read, allow = warn-on, allow = iomem-plain-access, maxSteps = 3000)',
      '',
    ].join('\n');
  }

  #declared(text: string): Declared | undefined {
    const found = readDeclared(text);
    return found === undefined ? undefined : this.scene.plain(found);
  }

  #argument(text: string, at: number) {
    const found = this.#declared(text);
    if (found === undefined)
      return { name: '0', declaration: `/* argument ${String(at + 1)}: ${text} */`, statements: [] };
    const name = `the_${found.name}`;
    const stars = found.stars + (found.length === undefined ? 0 : 1);
    const argument = { ...found, stars, length: undefined };
    const declaration =
      found.calls === undefined
        ? `static ${found.base} ${'*'.repeat(stars)}${name};`
        : `static ${found.calls.returns} (*${name})(${found.calls.parameters});`;
    return { name, declaration, statements: this.#fill(name, argument, 'argument') };
  }

  /** Statements that give a place something to hold. */
  #fill(place: string, given: Declared, kind: 'argument' | 'member' | 'variable'): readonly string[] {
    const found = this.scene.plain(given);
    const { base, stars, length, name, calls, isBits } = found;
    const { values, isNumber } = this.scene;
    if (isBits) return [];
    if (calls !== undefined) return [`${place} = ${this.#call(name, calls)};`];
    const members = this.scene.membersOf(base);
    const depth = kind === 'member' ? 'depth + 1' : '0';
    if (length !== undefined) {
      if (/^\s*0?\s*$/.test(length)) return this.#tail(place, name, depth);
      if (stars === 0 && isNumber(base)) return [`explored_bytes(${place}, sizeof(${place}), 0, 1, -1);`];
      const element = { ...found, length: undefined };
      return Array.from({ length: 2 }, (_, i) =>
        this.#fill(`${place}[${String(i)} % ARRAY_SIZE(${place})]`, element, kind),
      ).flat();
    }
    if (stars === 0) {
      if (base === 'struct list_head') return [`INIT_LIST_HEAD(&${place});`];
      if (base === 'struct io_mapping')
        return [`io_mapping_init_wc(&${place}, io_region(4), 4 * PAGE_SIZE);`];
      if (base === 'struct resource' && members?.some((one) => one.name === 'end') === true)
        return [`${place}.end = 4 * PAGE_SIZE - 1;`];
      if (base === 'struct bvec_iter') return [`${place}.bi_size = PAGE_SIZE + 512;`];
      if (base === 'struct bio_vec')
        return [`${place}.bv_page = explored_new_page();`, `${place}.bv_len = PAGE_SIZE;`];
      if (base === 'struct sg_table')
        return [`${place}.sgl = explored_list();`, `${place}.nents = 2;`, `${place}.orig_nents = 2;`];
      if (members !== undefined) return [`explore_${this.#maker(base, members)}(&${place}, ${depth});`];
      if (!isNumber(base) || kind === 'variable') return [];
      const mayBeZero = isAskedFor(this.scene.text, name);
      const all = valuesFor(name, values, base, { counts: this.counts, mayBeZero });
      const listed = inAskedOrder(name, all, this.scene.asked);
      return [`explored_at(&${place}, ${listed.join(', ')});`];
    }
    if (stars > 1 && base !== 'struct page') return [`${place} = kzalloc(64, GFP_ATOMIC);`];
    const made = this.#pointer(found, depth);
    if (isAskedFor(this.scene.text, name)) {
      const ways = inAskedOrder(name, ['an object', '0'], this.scene.asked);
      return [
        `explored_at(&${place}, ${ways.map((way) => (way === '0' ? way : `(long)${made}`)).join(', ')});`,
      ];
    }
    return [`${place} = ${made};`];
  }

  /** What lies behind a structure, in an array without a length: another structure, if it is used as one. */
  #tail(place: string, name: string, depth: string): readonly string[] {
    const tag = this.#tagBehind(name);
    const members = tag === undefined ? undefined : this.scene.membersOf(tag);
    if (tag === undefined || members === undefined) return [];
    return [`explore_${this.#maker(tag, members)}((${tag} *)${place}, ${depth});`];
  }

  /** What a pointer leads to, as an expression. */
  #pointer({ base, stars, name }: Declared, depth: string): string {
    if (base === 'struct page') return stars > 1 ? 'explored_pages()' : 'explored_new_page()';
    if (base === 'struct folio') return 'page_folio(explored_new_page())';
    if (base === 'struct scatterlist') return 'explored_list()';
    if (base === 'struct bio_vec') return 'explored_vectors()';
    if (base === 'struct io_mapping') return 'io_mapping_create_wc(io_region(4), 4 * PAGE_SIZE)';
    const tag = base === 'void' ? this.#tagBehind(name) : base;
    const members = tag === undefined ? undefined : this.scene.membersOf(tag);
    if (tag !== undefined && members !== undefined) return `explored_${this.#maker(tag, members)}(${depth})`;
    if (base === 'void' || this.scene.isNumber(base)) return 'explored_buffer()';
    return 'kzalloc(256, GFP_ATOMIC)';
  }

  /** The structure that a `void *` is used as: `struct host *host = bus->private;`. */
  #tagBehind(name: string): string | undefined {
    const { text } = this.scene;
    const [, used] =
      new RegExp(`\\b(struct \\w+)\\s*\\*\\s*\\w+\\s*=\\s*[^;=]*(?:->|\\.|\\b)${name}\\s*;`).exec(text) ?? [];
    if (used !== undefined) return used;
    // `static void *private_of(struct bus *bus) { return bus->private; }`, and who calls it.
    const getters = text.matchAll(
      new RegExp(
        `\\b(?:(struct \\w+)|void)\\s*\\*\\s*(\\w+)\\s*\\([^)]*\\)\\s*\\{\\s*return [^;]*(?:->|\\.)${name}\\s*;`,
        'g',
      ),
    );
    for (const [, returned, getter = ''] of getters) {
      if (returned !== undefined) return returned;
      const [, taken] =
        new RegExp(`\\b(struct \\w+)\\s*\\*\\s*\\w+\\s*=\\s*${getter}\\s*\\(`).exec(text) ?? [];
      if (taken !== undefined) return taken;
    }
    return undefined;
  }

  /** Writes a function that fills a structure, and one that makes it, once; returns what follows their first words. */
  #maker(tag: string, members: readonly Declared[]): string {
    const name = tag.replace(' ', '_');
    if (this.#makers.has(tag)) return name;
    this.#makers.set(tag, '');
    const behind = members.some(({ length }) => /^\s*0?\s*$/.test(length ?? 'none')) ? ' + 1024' : '';
    const lines = members.flatMap((one) => this.#fill(`it->${one.within ?? ''}${one.name}`, one, 'member'));
    this.#makers.set(
      tag,
      `static ${tag} *explored_${name}(int depth)
{
	${tag} *it = depth > ${String(DEPTH)} ? NULL : kzalloc(sizeof(*it)${behind}, GFP_ATOMIC);

	if (it)
		explore_${name}(it, depth);
	return it;
}

static void explore_${name}(${tag} *it, int depth)
{
${lines.map((one) => `\t${one}\n`).join('')}}
`,
    );
    return name;
  }

  #call(member: string, { returns, parameters }: NonNullable<Declared['calls']>): string {
    const name = `explored_call_${String(this.#calls.length)}_${member}`;
    this.#calls.push('');
    this.#calls[this.#calls.length - 1] = this.#body(
      `static ${returns} ${name}(${parameters})`,
      { name: member, returns, parameters: [] },
      this.#isUsed(member),
    );
    return name;
  }

  #stub(text: string): string {
    const found = headIn(text);
    if (found === undefined) return `/* ${text} */`;
    const head = { ...found, parameters: found.parameters.map(withName) };
    const isOpen = /\.\.\.\s*\)$/.test(text);
    const list = [...head.parameters, ...(isOpen ? ['...'] : [])].join(', ');
    const whole = `${found.returns} ${found.name}(${list === '' ? 'void' : list})`;
    return this.#body(whole, head, this.#isUsed(head.name));
  }

  #unknown(name: string, returns: string): string {
    return this.#body(
      `${returns} explored_result_${name}(void)`,
      { name, returns, parameters: [] },
      this.#isUsed(name),
    );
  }

  /** Whether what a function returns decides something: it is tested, returned, or given to another function. */
  #isUsed(name: string): boolean {
    const { text } = this.scene;
    const assigned = [
      ...text.matchAll(
        new RegExp(`(\\*?\\w+)[^\\w;{}()]*=\\s*(?:\\([^()]*\\)\\s*)?(?:\\w+(?:->|\\.))*${name}\\s*\\(`, 'g'),
      ),
    ];
    const isTested = (to: string): boolean =>
      !to.startsWith('*') &&
      new RegExp(
        `\\b(?:if|while|for|switch|return)\\b[^;{]*\\b${to}\\b|\\b${to}\\b[^;]*[?<>]|[(,]\\s*[^();]*\\b${to}\\b[^();]*[,)]`,
      ).test(text);
    if (assigned.length > 0 && assigned.every(([, to = '']) => !isTested(to))) return false;
    const calls = [
      ...this.scene.text.matchAll(new RegExp(`(\\S)?\\s*(?:\\b\\w+(?:->|\\.))*\\b${name}\\s*\\(`, 'g')),
    ];
    return calls.some(([, before = ';']) => !/[;{})]/.test(before));
  }

  /** A function that returns what the explorer chooses. */
  #body(text: string, head: Head, isUsed: boolean): string {
    const { name, returns } = head;
    const sleeps = SLEEPS.has(name) ? 1 : 0;
    const chosen = (shown: string, count: number): string =>
      `__scatterlist_explored("${name}", "${shown}", ${String(count)}, ${String(sleeps)})`;
    const writes = head.parameters.flatMap((one) => this.#written(one, name));
    const found = this.#declared(`${returns} result`);
    const lines = ((): readonly string[] => {
      const byContract = contractBody(head);
      if (byContract !== undefined) return byContract;
      if (returns === 'void') return sleeps === 0 ? [] : [`${chosen('', 1)};`];
      if (found === undefined || (found.stars === 0 && !this.scene.isNumber(found.base)))
        return [`return (${returns}){ 0 };`];
      if (!isUsed && sleeps === 0 && found.stars === 0) return ['return 0;'];
      if (found.stars === 0) {
        const values = isUsed ? inAskedOrder(name, this.#results(name, found.base), this.scene.asked) : ['0'];
        const shown = values.join(', ').replaceAll('"', '');
        return [`return ((${returns}[]){ ${values.join(', ')} })[${chosen(shown, values.length)}];`];
      }
      const ways = inAskedOrder(name, this.#pointers(name), this.scene.asked);
      return [
        `switch (${chosen(ways.join(', '), ways.length)}) {`,
        ...ways.map((way, i) =>
          way === 'an object'
            ? `default: return ${this.#pointer({ ...found, name }, '1')};`
            : `case ${String(i)}: return ${way === 'NULL' ? way : `(void *)${way}`};`,
        ),
        '}',
        ...(ways.includes('an object') ? [] : ['return NULL;']),
      ];
    })();
    return `${text}\n{\n${[...writes, ...lines].map((one) => `\t${one}\n`).join('')}}\n`;
  }

  #results(name: string, type: string): readonly string[] {
    const compared = this.scene.values.get(name) ?? [];
    if (/\bbool\b/.test(type)) return ['0', '1'];
    const usual = /^(?:u|unsigned|size_t|__u)/.test(type) ? ['0', '1'] : ['0', '-EIO', '1'];
    return [...new Set([...usual, ...compared])].slice(0, 6);
  }

  /** What a function that returns a pointer may return: the failure that its callers look for. */
  #pointers(name: string): readonly string[] {
    const { text } = this.scene;
    const ways = new Set(['an object']);
    for (const [, to = ''] of text.matchAll(
      new RegExp(`\\b(\\w+)\\s*=\\s*(?:\\([^()]*\\)\\s*)?${name}\\s*\\(`, 'g'),
    )) {
      if (new RegExp(`\\bIS_ERR(?:_OR_NULL)?\\s*\\([^()]*\\b${to}\\b`).test(text)) ways.add('ERR_PTR(-EIO)');
      if (isAskedFor(text, to)) ways.add('NULL');
    }
    if (new RegExp(`IS_ERR\\s*\\(\\s*${name}`).test(text)) ways.add('ERR_PTR(-EIO)');
    if (new RegExp(`(?:!|return)\\s*${name}\\s*\\(`).test(text)) ways.add('NULL');
    return [...ways];
  }

  /** What a function writes where an argument points to. */
  #written(text: string, by: string): readonly string[] {
    if (/\bconst\b/.test(text)) return [];
    const found = this.#declared(text);
    if (found === undefined || found.length !== undefined || found.calls !== undefined) return [];
    const { name, base, stars } = found;
    if (stars === 1 && this.scene.movesPointers) {
      const moves = movesIn(this.scene.membersOf(base) ?? [], name);
      if (moves.length > 0)
        return [
          `if (${name} && !choose(2)) {`,
          `\tnote("${by} moves pointers to the end");`,
          ...moves.map((one) => `\t${one}`),
          '}',
        ];
    }
    if (stars === 2 && base.startsWith('struct '))
      return [`if (${name})`, `\t*${name} = ${this.#pointer({ ...found, stars: 1 }, '1')};`];
    if (stars !== 1 || !this.scene.isNumber(base) || /\bchar\b|8\b/.test(base)) return [];
    return [`if (${name})`, `\t*${name} = choose(2);`];
  }
}

/**
 * Statements that move the pointers of a structure to the end of what they have left, as a decompressor does: `next_out`
 * by `avail_out`. Without such pairs all are moved by a page.
 */
function movesIn(members: readonly Declared[], name: string): readonly string[] {
  const moved = members.filter(
    ({ stars, calls, base }) =>
      stars === 1 && calls === undefined && /^(?:void|char|unsigned char|u8|__u8|Byte)$/.test(base),
  );
  const pairs = moved.flatMap((one) => {
    const [, what] = /^next_(\w+)$/.exec(one.name) ?? [];
    const left = members.find((other) => other.stars === 0 && other.name === `avail_${what ?? ''}`);
    return left === undefined
      ? []
      : [`${name}->${one.name} += ${name}->${left.name};`, `${name}->${left.name} = 0;`];
  });
  return pairs.length > 0 ? pairs : moved.map((one) => `${name}->${one.name} += PAGE_SIZE;`);
}

/** A parameter that a prototype leaves without a name, with one. */
function withName(parameter: string, at: number): string {
  const name = readDeclared(parameter)?.name;
  const isNamed = name !== undefined && !/^(?:int|long|short|char|unsigned|bool)$/.test(name);
  return isNamed || parameter.includes('(') ? parameter : `${parameter} argument${String(at + 1)}`;
}

/** Whether a text asks if a pointer is NULL: `!page`, `host->page == NULL`, `if (page)`. */
function isAskedFor(text: string, name: string): boolean {
  const at = `(?:\\b\\w+(?:->|\\.))*\\b${name}`;
  return new RegExp(
    `!\\s*${at}\\b(?!\\s*(?:->|\\.|\\(|\\[))|\\b${name}\\s*[!=]=\\s*NULL|(?:\\b(?:if|while)\\s*\\(|&&|\\|\\|)\\s*${at}\\s*(?:\\)|&&|\\|\\|)|\\b${name}\\s*\\?`,
  ).test(text);
}
