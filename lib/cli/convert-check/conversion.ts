/**
 * A conversion of maps, as the macros of linux/scatterlist-convert.h that make it.
 */

/** The functions whose maps are converted. */
export const KINDS = ['kmap', 'kmap_atomic'] as const;

/** What kmap_atomic disables, and a converted section may go on to disable. */
export const KEEPS = ['preempt', 'pagefault'] as const;
export type Keep = (typeof KEEPS)[number];

/** A conversion to kmap_local_page. */
export interface Conversion {
  readonly from: (typeof KINDS)[number];
  readonly keep: readonly Keep[];
}

/** The macros to compile with. */
export function definesOf({ from, keep }: Conversion): Readonly<Record<string, string>> {
  const names = [
    `SCATTERLIST_${from.toUpperCase()}_TO_LOCAL`,
    ...keep.map((one) => `SCATTERLIST_KEEP_${one.toUpperCase()}`),
  ];
  return Object.fromEntries(names.map((name) => [name, '1']));
}

/** The conversion in words. */
export function conversionText({ from, keep }: Conversion): string {
  const kept = keep.map((one) => `${one}_disable()`).join(' and ');
  return `${from} -> kmap_local_page${kept === '' ? '' : ` with ${kept}`}`;
}

/** A C file that is the converted section: the macros, and an include of the file. */
export function converted(conversion: Conversion, file: string): string {
  const defines = Object.keys(definesOf(conversion)).map((name) => `#define ${name} 1\n`);
  return `/* ${file}, converted: ${conversionText(conversion)}. */\n${defines.join('')}#include "${file}"\n`;
}
