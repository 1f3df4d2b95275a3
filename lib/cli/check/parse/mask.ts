/**
 * Makes kernel C into C that a grammar without a preprocessor can read. Each character keeps its place: what is
 * taken out becomes a space, so that every offset and every line of the result is one of the file.
 */

/** A text that was made readable, and what was taken out of it. */
export interface Masked {
  readonly text: string;
  /** The loops whose macro became `while`, by the offset of that word. */
  readonly loops: ReadonlyMap<number, string>;
  /** The lines that a comment `scatterlist: ok REASON` silences, each with the reason. */
  readonly silenced: ReadonlyMap<number, string>;
  /** The ranges of lines that only one of the branches of a conditional directive has, as pairs of offsets. */
  readonly conditional: readonly (readonly [number, number])[];
}

/** Which branch of `#if` is read: the first, or the last (none, if there is no `#else`). */
export type Branch = 'first' | 'last';

/** Makes a file of the kernel readable for the grammar. */
export function maskSource(original: string, branch: Branch): Masked {
  const silenced = new Map<number, string>();
  const bare = withoutComments(original, silenced);
  const { text, conditional } = withoutDirectives(bare, branch);
  const loops = new Map<number, string>();
  return { text: withoutMacros(text, loops), loops, silenced, conditional };
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

const TOKEN = /\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;
const OK = /scatterlist:\s*ok\b[ \t]*([^\n*]*)/;

function withoutComments(text: string, silenced: Map<number, string>): string {
  let line = 1;
  let counted = 0;
  return text.replace(TOKEN, (found, at: number) => {
    if (!found.startsWith('/')) return found;
    const [, reason] = OK.exec(found) ?? [];
    if (reason !== undefined) {
      for (; counted < at; counted++) if (text.charCodeAt(counted) === 10) line++;
      const alone = /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', at - 1) + 1, at));
      const lines = found.split('\n').length;
      silenced.set(alone ? line + lines : line, reason.trim());
    }
    return blank(found);
  });
}

interface Conditional {
  /** Whether what is around it is read. */
  readonly isRead: boolean;
  /** Whether a branch has been taken. */
  taken: boolean;
  /** Whether this branch is read. */
  here: boolean;
  /** What the condition says, where it is a plain 0 or 1. */
  readonly fixed: boolean | undefined;
  readonly start: number;
}

function withoutDirectives(text: string, branch: Branch): Pick<Masked, 'text' | 'conditional'> {
  const stack: Conditional[] = [];
  const conditional: (readonly [number, number])[] = [];
  const lines = text.split('\n');
  const out: string[] = [];
  let offset = 0;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const start = offset;
    offset += line.length + 1;
    const [, word, rest = ''] = /^\s*#\s*(\w+)(.*)$/.exec(line) ?? [];
    if (word === undefined) {
      out.push(isRead(stack) ? line : blank(line));
      continue;
    }
    let last = line;
    out.push(blank(line));
    while (last.endsWith('\\') && i + 1 < lines.length) {
      last = lines[++i] ?? '';
      offset += last.length + 1;
      out.push(blank(last));
    }
    if (/^if(n?def)?$/.test(word)) stack.push(open(word, rest, branch, isRead(stack), start));
    else if (word === 'elif' || word === 'else') next(stack.at(-1), word, branch);
    else if (word === 'endif') {
      const done = stack.pop();
      if (done !== undefined && done.fixed === undefined) conditional.push([done.start, offset]);
    }
  }
  return { text: out.join('\n'), conditional };
}

function isRead(stack: readonly Conditional[]): boolean {
  return stack.at(-1)?.here ?? true;
}

function open(word: string, rest: string, branch: Branch, around: boolean, start: number): Conditional {
  const plain = word === 'if' ? /^\s*([01])\s*$/.exec(rest)?.[1] : undefined;
  // Who defines NULL or a guard of a header is of no interest, and C++ is not read.
  const fixed =
    plain !== undefined
      ? plain === '1'
      : /__cplusplus|__CHECKER__/.test(rest)
        ? word === 'ifndef'
        : undefined;
  const first = fixed ?? branch === 'first';
  return { isRead: around, taken: first, here: around && first, fixed, start };
}

function next(open: Conditional | undefined, word: string, branch: Branch): void {
  if (open === undefined) return;
  // The last branch is `#else`; where the first is wanted and was taken, no other is.
  const wanted = open.fixed !== undefined ? !open.taken : branch === 'last' && word === 'else' && !open.taken;
  open.here = open.isRead && wanted;
  open.taken ||= wanted;
}

/** Annotations that stand where the grammar expects none. */
const WORDS =
  /\b(?:__init|__exit|__initdata|__initconst|__exitdata|__devinit|__devexit|__devinitdata|__cpuinit|__meminit|__ref|__refdata|__user|__kernel|__iomem|__force|__nocast|__percpu|__rcu|__private|__must_check|__maybe_unused|__always_unused|__attribute_const__|__deprecated|__weak|__visible|__cold|__hot|__pure|__used|__packed|__latent_entropy|__sched|__cpuidle|__malloc|__no_sanitize_address|__randomize_layout|__read_mostly|__ro_after_init|__cacheline_aligned(?:_in_smp)?|____cacheline_aligned(?:_in_smp)?|noinline_for_stack|noinline|notrace|noinstr|asmlinkage|fastcall|__bpf_kfunc|__hotdata|FASTCALL|STATIC|INLINE|__counted_by_ptr|nokprobe_inline|__net_init|__net_exit|__read_only)\b/g;
const INLINE = /\b(?:__always_inline|__inline__|__inline|__forceinline|inline_for_stack)\b/g;
/** Annotations with arguments. */
const WITH_ARGUMENTS =
  /\b(?:__attribute__|__acquires|__releases|__must_hold|__cond_acquires|__acquire|__release|__cond_lock|__printf|__scanf|__aligned|__alloc_size|__section|__counted_by|__cleanup|__free|__no_context_analysis|__guarded_by|__pt_guarded_by|__alias|__diag_ignore|__releases_shared|__acquires_shared)\s*\(/g;
/** Declarations by macro at the start of a line, which the grammar takes for the start of a function. */
const DECLARERS =
  /^(?:EXPORT_\w+|MODULE_\w+|module_\w+|DEFINE_\w+|DECLARE_\w+|LIST_HEAD|late_initcall|subsys_initcall|core_initcall|fs_initcall|device_initcall|arch_initcall|postcore_initcall|early_param|__setup|ATTRIBUTE_GROUPS|BIN_ATTR\w*|DEVICE_ATTR\w*|CONFIGFS_\w+|TRACE_EVENT|ALLOW_ERROR_INJECTION|NOKPROBE_SYMBOL|BTF_ID\w*|BUILD_BUG_ON\w*)\s*\(/gm;
const LOOP = /\b(\w*(?:for_each|foreach|FOR_EACH|FOREACH)\w*|ITERATE_\w+|skb_walk_frags)(\s*)\(/g;
/** A type as an argument of a macro: `list_entry(p, struct page, lru)`, `min_t(unsigned int, a, b)`. */
const TYPE_WORDS = '(?:unsigned|signed|long|int|short|char)';
const TYPE_ARGUMENT = new RegExp(
  `(\\w\\(\\s*)(${TYPE_WORDS}(?:\\s+${TYPE_WORDS})*[\\s*]*|(?:struct|union|enum)\\s+\\w+[\\s*]*)(?=,)|` +
    `(,\\s*)((?:const\\s+)?(?:(?:struct|union|enum)\\s+\\w+|${TYPE_WORDS}(?:\\s+${TYPE_WORDS})*)[\\s*]*)(?=[,)])`,
  'g',
);
const SCOPED = /\bscoped_(?:cond_)?guard\s*\(|\bscoped_class\s*\(/g;

function withoutMacros(text: string, loops: Map<number, string>): string {
  let out = text.replace(INLINE, (found) => 'inline'.padEnd(found.length));
  out = out.replace(WORDS, blank);
  out = blankCalls(out, WITH_ARGUMENTS, false);
  out = blankCalls(out, DECLARERS, true);
  out = out.replace(TYPE_ARGUMENT, (_, call?: string, first?: string, comma?: string, later?: string) =>
    first === undefined ? `${comma ?? ''}${asName(later ?? '')}` : `${call ?? ''}${asName(first)}`,
  );
  out = out.replace(SCOPED, (found) => `${'if'.padEnd(found.length - 1)}(`);
  out = out.replace(LOOP, (found, name: string, _space: string, at: number) => {
    const end = closing(out, at + found.length - 1);
    if (end < 0 || !startsStatement(out, end + 1) || found.length < 6) return found;
    loops.set(at, name);
    return `${'while'.padEnd(found.length - 1)}(`;
  });
  return out;
}

// One name in place of a type, with the breaks of lines kept.
function asName(type: string): string {
  return `T${blank(type.slice(1))}`;
}

// A loop's macro is followed by a statement; a function with such a name by `;` or an operator, and by `{` at the margin.
function startsStatement(text: string, from: number): boolean {
  const found = /[^\s]/g;
  found.lastIndex = from;
  const [next = ''] = found.exec(text) ?? [];
  if (next === '{') return text[found.lastIndex - 2] !== '\n';
  return /[\w*]/.test(next);
}

/** The offset of the parenthesis that closes the one at an offset; -1 if there is none. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 40) depth++;
    else if (c === 41 && --depth === 0) return at;
    else if (c === 34 || c === 39) {
      for (at++; at < text.length && text.charCodeAt(at) !== c; at++) if (text.charCodeAt(at) === 92) at++;
    }
  }
  return -1;
}

function blankCalls(text: string, pattern: RegExp, withSemicolon: boolean): string {
  const parts: string[] = [];
  let done = 0;
  for (const found of text.matchAll(pattern)) {
    const from = found.index;
    if (from < done) continue;
    let end = closing(text, from + found[0].length - 1) + 1;
    if (end === 0) continue;
    if (withSemicolon) {
      // A macro with a body, or with more behind it, is left to the grammar.
      const rest = /^\s*;/.exec(text.slice(end, end + 80))?.[0];
      if (rest === undefined && /^\s*[{=]/.test(text.slice(end, end + 80))) continue;
      end += rest?.length ?? 0;
    }
    parts.push(text.slice(done, from), blank(text.slice(from, end)));
    done = end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}
