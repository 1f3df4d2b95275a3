/**
 * Makes a compiled file ready to run: translates it, and connects the functions of the kernel that it calls.
 */
import { basename } from 'node:path';
import { compileFunction } from 'node:vm';
import { ConfigError, InvariantError } from '../base/invariant.ts';
import { noteTranslation } from '../machine/call-site.ts';
import { callable } from './kernel/kernel-function.ts';
import type { KernelFunctions } from './kernel/kernel-function.ts';
import type { CFunction, CModule } from './module.ts';
import { HELPERS } from './runtime/helpers.ts';
import type { Runner } from './runtime/runner.ts';
import { IMAGE_BASE } from './toolchain/compile.ts';
import type { Compiled } from './toolchain/compile.ts';
import { readLinkMap } from './toolchain/link-map.ts';
import { INCLUDE_FOLDER } from './toolchain/package-files.ts';
import { nameInC } from './sections.ts';
import { SourceLines } from './toolchain/source-lines.ts';
import { readVariables } from './wasm/debug-info.ts';
import type { CVariable } from './wasm/debug-info.ts';
import { LineTable } from './wasm/line-table.ts';
import { readModule } from './wasm/module.ts';
import { MARK, translate } from './wasm/translate.ts';
import type { CodePlace } from './wasm/translate.ts';

let linked = 0;

/** Links a compiled file with functions of the kernel. What is not known is listed in one message. */
export function link(file: string, compiled: Compiled, kernel: KernelFunctions): CModule<Runner> {
  const module = readModule(compiled.wasm);
  const called = module.imports.map(({ name }) => name).filter((name) => name !== MARK);
  const { code, places, signatures, calls } = translate(
    module,
    new LineTable(module.custom.get('.debug_line')),
  );
  const missing = called.filter((name) => !Object.hasOwn(kernel, name));
  if (missing.length > 0) throw new ConfigError(unknownText(file, missing, calls));
  linked += 1;
  // V8 shows this name in stacks.
  const script = `translated-${String(linked)}-${basename(file).replaceAll(/[^\w.-]/g, '_')}`;
  const texts = new SourceLines();
  noteTranslation(script, (line) => {
    const place = places[line - 1] ?? undefined;
    if (place === undefined || place.file.startsWith(INCLUDE_FOLDER)) return undefined;
    const { file: of, line: at, column, name } = place;
    return { file: of, line: at, column, within: nameInC(name), text: texts.at(of, at) };
  });
  const imports = module.imports.map(({ name, type }) => {
    const run = name === MARK ? () => undefined : kernel[name];
    if (run === undefined) throw new InvariantError(`${name} was looked for and found`);
    return callable(name, run, type);
  });
  const make = compileFunction(code, ['h', 'k'], { filename: script });
  const made: unknown = Reflect.apply(make, undefined, [HELPERS, imports]);
  if (!isFunctions(made)) throw new InvariantError('translated code returns its functions');
  const at = (index: number): CFunction<Runner> => {
    const run = made[index];
    if (run === undefined) throw new InvariantError(`no function ${String(index)}`);
    return run;
  };
  const symbols = readLinkMap(compiled.map);
  const imageEnd = Math.max(
    IMAGE_BASE,
    ...symbols.map(({ address, lengthBytes }) => address + lengthBytes),
    ...module.data.map(({ address, bytes }) => address + bytes.length),
  );
  let variables: readonly CVariable[] | undefined;
  return {
    file,
    data: module.data,
    symbols,
    get variables() {
      return (variables ??= readVariables(module.custom));
    },
    imageEnd,
    memMap: symbols.find(({ name }) => name === 'mem_map')?.address ?? 0,
    exports: new Map([...module.exports].map(([name, index]) => [name, at(index)])),
    calls: called,
    pointed: new Map(
      [...module.table].map(([pointer, index]) => [
        pointer,
        { run: at(index), signature: signatures[index] ?? '' },
      ]),
    ),
  };
}

/** Calls of an unknown function that are named. */
const MOST_CALLS = 3;

/** Names what is called and not known, with the places, and says what can be done about it. */
function unknownText(
  file: string,
  missing: readonly string[],
  calls: ReadonlyMap<string, readonly CodePlace[]>,
): string {
  const list = missing.map((name) => {
    const places = new Set(
      (calls.get(name) ?? []).map(
        (place) => `${basename(place.file)}:${String(place.line)} in ${nameInC(place.name)}`,
      ),
    );
    const texts = [...places].slice(0, MOST_CALLS);
    const left = places.size - MOST_CALLS;
    const more = left > 0 ? [`${String(left)} more`] : [];
    return texts.length === 0 ? name : `${name} (${[...texts, ...more].join(', ')})`;
  });
  const one = missing.length === 1;
  return (
    `${file} calls ${one ? 'a function that is' : `${String(missing.length)} functions that are`} not known here: ${list.join('; ')}. ` +
    `Define ${one ? 'it' : 'each'} in C; or let the explorer choose what it returns, by EXPLORED(int, ${missing[0] ?? ''}, (…), 0, -EIO); ` +
    `or give loadC a stub in TypeScript: { stubs: { ${missing[0] ?? ''}: () => 0 } }`
  );
}

function isFunctions(value: unknown): value is readonly CFunction<Runner>[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'function');
}
