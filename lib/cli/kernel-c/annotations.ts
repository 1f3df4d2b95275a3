/**
 * Words and macros of the kernel that stand where the grammar of C expects none.
 */
import { blank, calls, without } from './text.ts';
import type { Piece } from './text.ts';

/** Words that say something of a declaration. */
const WORDS =
  /\b(?:__init|__exit|__initdata|__initconst|__exitdata|__devinit|__devexit|__devinitdata|__cpuinit|__meminit|__net_init|__net_exit|__ref|__refdata|__user|__kernel|__iomem|__force|__nocast|__bitwise|__percpu|__rcu|__private|__must_check|__maybe_unused|__always_unused|__attribute_const__|__deprecated|__weak|__visible|__cold|__hot|__pure|__used|__packed|__latent_entropy|__sched|__cpuidle|__malloc|__no_sanitize_address|__randomize_layout|randomized_struct_fields_(?:start|end)|__read_mostly|__read_only|__ro_after_init|__hotdata|__cacheline_aligned(?:_in_smp)?|____cacheline_aligned(?:_in_smp)?|__extension__|noinline_for_stack|noinline|notrace|noinstr|nokprobe_inline|asmlinkage|fastcall|FASTCALL|STATIC|INLINE|__bpf_kfunc|__rust_helper|__no_profile|at_least|__page_aligned_(?:bss|data)|__counted_by_ptr)\b/g;
const INLINE = /\b(?:__always_inline|__inline__|__inline|__forceinline|inline_for_stack)\b/g;
/** The same with arguments. */
const WITH_ARGUMENTS =
  /\b(?:__attribute__|__acquires|__releases|__must_hold|__cond_acquires|__acquire|__release|__cond_lock|__printf|__scanf|__aligned|__alloc_size|__section|__counted_by|__cleanup|__free|__no_context_analysis|__guarded_by|__pt_guarded_by|__alias|__diag_ignore|__releases_shared|__acquires_shared)\s*\(/g;

/** The text with annotations as spaces. */
export function withoutAnnotations(text: string): string {
  const bare = text.replaceAll(INLINE, (found) => 'inline'.padEnd(found.length)).replaceAll(WORDS, blank);
  return without(bare, calls(bare, WITH_ARGUMENTS));
}

/** A declaration by a macro: `static DEFINE_MUTEX(lock);`, `MODULE_LICENSE("GPL");`. */
export interface MacroDeclaration extends Piece {
  readonly macro: string;
  readonly isStatic: boolean;
  /** The names in the arguments. */
  readonly names: readonly string[];
}

const AT_MARGIN =
  /^(static[ \t]+)?([A-Z][A-Z_\d]+|(?:EXPORT|MODULE|DEFINE|DECLARE|CONFIGFS)_\w+|module_\w+|\w+_initcall(?:_sync)?|early_param|__setup)[ \t]*\(/gm;

/** The declarations by macro at the outermost level: each begins a line. */
export function macroDeclarations(text: string): readonly MacroDeclaration[] {
  return calls(text, AT_MARGIN).flatMap(({ start, end, head }): MacroDeclaration[] => {
    const [found, isStatic, macro = ''] = head;
    // The value of a variable may stand at the margin, too.
    if (/[=,(?:]\s*$/.test(text.slice(Math.max(0, start - TAIL_CHARACTERS), start))) return [];
    // With a body, an initial value or more declarators behind it, it is a declaration that the grammar reads.
    const tail = /^\s*;|^[ \t]*(?=\n(?!\s*[{=])|$)/.exec(text.slice(end, end + TAIL_CHARACTERS));
    if (tail === null) return [];
    const names = text.slice(start + found.length, end).match(/[A-Za-z_]\w*/g) ?? [];
    return [{ start, end: end + tail[0].length, macro, isStatic: isStatic !== undefined, names }];
  });
}

const TAIL_CHARACTERS = 80;
