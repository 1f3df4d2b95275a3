/** Everything that can be read of a machine through its public properties and methods, by way of the type checker. */
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../../tools/public-api.ts';

/** Where the walk begins: a file and a class in it. */
const ROOTS: readonly (readonly [file: string, name: string])[] = [
  ['lib/kernel/core/machine.ts', 'Machine'],
  ['lib/kernel/core/machine.ts', 'Task'],
  ['lib/kernel/core/machine.ts', 'Interrupt'],
  ['lib/kernel/device/bounce-pool.ts', 'BouncePool'],
  ['lib/kernel/dma/dma-device.ts', 'DmaDevice'],
  ['lib/kernel/locking/lock.ts', 'Lock'],
];

/** `PhysicalMemory.freePages` and so on: what returns something and can have changed since. */
export function publicReads(): readonly string[] {
  const config: unknown = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) =>
    ts.sys.readFile(file),
  ).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram([...new Set(ROOTS.map(([file]) => join(ROOT, file)))], options);
  const checker = program.getTypeChecker();
  const found = new Set<string>();
  const met = new Set<string>();
  const isOurs = (node: ts.Node): boolean => node.getSourceFile().fileName.startsWith(join(ROOT, 'lib'));

  const visit = (type: ts.Type): void => {
    if (type.isUnionOrIntersection()) {
      type.types.forEach(visit);
      return;
    }
    checker.getTypeArguments(type as ts.TypeReference).forEach(visit);
    const symbol = type.getSymbol();
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined || !isOurs(declaration)) return;
    if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) return;
    if (met.has(symbol.name)) return;
    met.add(symbol.name);
    for (const property of checker.getPropertiesOfType(type)) {
      const at = property.declarations?.[0];
      if (at === undefined || !isOurs(at) || /^__/.test(property.name)) continue;
      const flags = ts.getCombinedModifierFlags(at);
      if ((flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0) continue;
      const own = checker.getTypeOfSymbolAtLocation(property, at);
      const returned = own.getCallSignatures()[0]?.getReturnType() ?? own;
      visit(returned);
      const isFixed =
        own.getCallSignatures().length === 0 &&
        (flags & ts.ModifierFlags.Readonly) !== 0 &&
        !/\[\]|Array|Map|Set/.test(checker.typeToString(own));
      const { parent } = at;
      const owner =
        ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent) ? parent.name?.text : '';
      if (!isFixed && (returned.flags & ts.TypeFlags.Void) === 0)
        found.add(`${owner ?? ''}.${property.name}`);
    }
  };
  for (const [file, name] of ROOTS) {
    const source = program.getSourceFile(join(ROOT, file));
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined) continue;
    for (const symbol of checker.getExportsOfModule(module))
      if (symbol.name === name) visit(checker.getDeclaredTypeOfSymbol(symbol));
  }
  return [...found].sort();
}
