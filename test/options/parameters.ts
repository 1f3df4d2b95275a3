/** Every options object that a public function takes: one whose properties are all optional. */
import ts from 'typescript';
import { join } from 'node:path';
import { ROOT, entryPoints } from '../../tools/public-api.ts';

/** `sgNents(how)`, `new SgPageIter(how)`, `PageAllocator.allocPages(options)`. */
export function optionParameters(): readonly string[] {
  const entries = entryPoints();
  const files = new Set(
    entries.flatMap(({ names }) => [...names.values()].map(({ file }) => join(ROOT, file))),
  );
  const options = { strict: true, exactOptionalPropertyTypes: true, allowImportingTsExtensions: true };
  const program = ts.createProgram([...files], {
    ...options,
    noEmit: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
  });
  const checker = program.getTypeChecker();
  const found = new Set<string>();

  const ofSignatures = (name: string, signatures: readonly ts.Signature[]): void => {
    for (const { parameters } of signatures)
      for (const parameter of parameters) {
        const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
        if (!isOptions(checker, type)) continue;
        found.add(`${name}(${parameter.name})`);
        for (const field of checker.getPropertiesOfType(type))
          if (isOptions(checker, checker.getNonNullableType(checker.getTypeOfSymbol(field))))
            found.add(`${name}(${parameter.name}.${field.name})`);
      }
  };
  const ofMembers = (name: string, type: ts.Type): void => {
    for (const member of checker.getPropertiesOfType(type)) {
      const { valueDeclaration } = member;
      if (valueDeclaration === undefined || !ts.isMethodDeclaration(valueDeclaration)) continue;
      if (ts.isPrivateIdentifier(valueDeclaration.name) || isHidden(valueDeclaration)) continue;
      ofSignatures(`${name}.${member.name}`, checker.getTypeOfSymbol(member).getCallSignatures());
    }
  };
  for (const { names } of entries)
    for (const [exported, { name, file, isType }] of names) {
      const source = program.getSourceFile(join(ROOT, file));
      const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
      const symbol =
        module === undefined
          ? undefined
          : checker.getExportsOfModule(module).find((one) => one.name === name);
      if (symbol === undefined || (symbol.flags & ts.SymbolFlags.Value) === 0) continue;
      const type = checker.getTypeOfSymbol(symbol);
      ofSignatures(exported, type.getCallSignatures());
      if (isType !== true) ofSignatures(`new ${exported}`, type.getConstructSignatures());
      if ((symbol.flags & ts.SymbolFlags.Class) !== 0)
        ofMembers(exported, checker.getDeclaredTypeOfSymbol(symbol));
    }
  return [...found].sort();
}

function isHidden(member: ts.MethodDeclaration): boolean {
  return (
    (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0
  );
}

function isOptions(checker: ts.TypeChecker, type: ts.Type): boolean {
  if ((type.flags & ts.TypeFlags.Object) === 0 || type.isClass()) return false;
  if (checker.getSignaturesOfType(type, ts.SignatureKind.Call).length > 0) return false;
  const properties = checker.getPropertiesOfType(type);
  return properties.length > 0 && properties.every(({ flags }) => (flags & ts.SymbolFlags.Optional) !== 0);
}
