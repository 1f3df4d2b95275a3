/**
 * Numbers of the machine as the panels show them.
 */

/** `0xfffff000` */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The frame, or a dash for none. */
export function frame(pfn: number | undefined): string {
  return pfn === undefined ? '–' : `pfn ${hex(pfn)}`;
}

/** Names, or a dash for none. */
export function names(of: readonly string[]): string {
  return of.length === 0 ? '–' : of.join(', ');
}

/** `1 page`, `2 pages` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** A text of the library as a sentence of the page. What begins with a name, such as `cpu0`, keeps it. */
export function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return /^[a-z]+[ ,:]/.test(ended) ? ended.charAt(0).toUpperCase() + ended.slice(1) : ended;
}
