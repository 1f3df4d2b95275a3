/**
 * linux/string.h, linux/printk.h and linux/bug.h. A block is one access.
 */
import { InvariantError } from '../../base/invariant.ts';
import { readBytes, readConstant, readText, readWord, writeBytes } from '../runtime/memory.ts';
import type { Runner } from '../runtime/runner.ts';
import { worldOf } from '../runtime/world.ts';
import type { KernelFunctions } from './kernel-function.ts';

function move(c: Runner, to: number, from: number, length: number): number {
  writeBytes(c, to, readBytes(c, from, length));
  return to;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** The text of a format with its arguments, which lie one after another in memory. */
function formatted(c: Runner, format: string, args: number): string {
  let at = args;
  const next = (bytes: number): number => {
    if (bytes === 8) at = Math.ceil(at / 8) * 8;
    const low = readWord(c, at);
    const value = bytes === 8 ? low + readWord(c, at + 4) * 2 ** 32 : low;
    at += bytes;
    return value;
  };
  return format.replaceAll(
    /%([-+ #0]*)(\d*|\*)(?:\.(?:\d*|\*))?(hh|h|ll|l|z|t)?([diuxXpsc%])[a-zA-Z]*?/g,
    (_, flags: string, width: string, length: string | undefined, kind: string) => {
      if (kind === '%') return '%';
      const columns = width === '*' ? next(4) : Number(width);
      const value = next(length === 'll' ? 8 : 4);
      const signed = length === 'll' ? value : value | 0;
      const text =
        kind === 's'
          ? value === 0
            ? '(null)'
            : readText(c, value)
          : kind === 'c'
            ? String.fromCharCode(value & 0xff)
            : kind === 'd' || kind === 'i'
              ? String(signed)
              : kind === 'u'
                ? String(value)
                : `${flags.includes('#') || kind === 'p' ? '0x' : ''}${value.toString(16)}`;
      return flags.includes('-')
        ? text.padEnd(columns)
        : text.padStart(columns, flags.includes('0') ? '0' : ' ');
    },
  );
}

/** Functions on blocks of memory and on text. */
export const TEXT: KernelFunctions = {
  memcpy: move,
  memmove: move,
  memset: (c, to, value, length) => {
    writeBytes(c, to, new Uint8Array(length).fill(value));
    return to;
  },
  memcmp: (c, a, b, length) => compare(readBytes(c, a, length), readBytes(c, b, length)),
  memchr_inv: (c, from, value, length) => {
    const at = readBytes(c, from, length).findIndex((byte) => byte !== (value & 0xff));
    return at < 0 ? 0 : from + at;
  },
  strlen: (c, text) => new TextEncoder().encode(readText(c, text)).length,
  strcmp: (c, a, b) => (readText(c, a) < readText(c, b) ? -1 : readText(c, a) > readText(c, b) ? 1 : 0),
  strscpy: (c, to, from, size) => {
    const text = new TextEncoder().encode(readText(c, from));
    if (size === 0) return -7;
    const fits = text.subarray(0, size - 1);
    writeBytes(c, to, Uint8Array.from([...fits, 0]));
    return fits.length < text.length ? -7 : text.length;
  },
  _printk: (c, format, args) => {
    const text = formatted(c, readConstant(c, format), args).trimEnd();
    worldOf(c.context.machine).note(text);
    return text.length;
  },
  __scatterlist_bug: (c, condition) => {
    const { context } = c;
    context.machine.hardware.violate({
      rule: 'bug-on',
      severity: 'bug',
      what: readConstant(c, condition),
      context: context.state(),
    });
    throw new InvariantError('bug-on was reported and not thrown');
  },
  __scatterlist_warn: (c, condition) => {
    const { context } = c;
    context.machine.hardware.violate({
      rule: 'warn-on',
      what: readConstant(c, condition),
      context: context.state(),
    });
  },
};
