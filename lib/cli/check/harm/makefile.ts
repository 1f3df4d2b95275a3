/**
 * What a Makefile of the kernel says of an object: the symbols that have to be set for it to be built.
 */

/**
 * The symbols on which an object depends, one list for each place that builds it: `obj-$(CONFIG_A) += a.o`, also as a
 * part of another object. The name of a folder ends in `/`. An empty list says that it is always built.
 */
export function symbolsOf(makefile: string, object: string, depth = 3): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  for (const line of makefile.replaceAll('\\\n', ' ').split('\n')) {
    const [, target = '', kind = '', list = ''] =
      /^\s*([\w-]+)-(y|m|objs|\$\(CONFIG_\w+\))\s*[:+]?=(.*)$/.exec(line) ?? [];
    if (!list.replace(/#.*/, '').split(/\s+/).includes(object)) continue;
    const [, symbol] = /CONFIG_(\w+)/.exec(kind) ?? [];
    const own = symbol === undefined ? [] : [symbol];
    if (/^(?:obj|lib)$/.test(target)) found.push(own);
    else if (depth > 0)
      found.push(...symbolsOf(makefile, `${target}.o`, depth - 1).map((each) => [...own, ...each]));
  }
  return found;
}
