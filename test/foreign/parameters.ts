/** Every public function that is given two objects which belong to a machine, read from the sources. */
import ts from 'typescript';
import { entryPoints } from '../../tools/public-api.ts';
import type { Declaration } from '../../tools/public-api.ts';

/** Types whose objects belong to a machine. A list belongs to the machine of its pages. */
const BOUND =
  /\b(Machine|Context|Task|Interrupt|Waiter|Page|Window|RamWindow|IoWindow|BounceWindow|Mapping|DirectMapping|Folio|BioVec|Lock|SpinLock|Mutex|Semaphore|RwSemaphore|Completion|WaitQueue|DmaDevice|IoMapping|BouncePool|BounceRun|Cpu|SgTable|SgList|SgEntry|SgArray|SgAppendTable|MapBackend|IovIter|PieceRange|Hardware|SgPageSource|MB|B)\b/;

function isHidden(member: ts.ClassElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return true;
  return (ts.getModifiers(member as ts.MethodDeclaration) ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
  );
}

function boundIn(parameters: readonly ts.ParameterDeclaration[]): number {
  return parameters.filter(
    ({ type }) => type !== undefined && !ts.isFunctionTypeNode(type) && BOUND.test(type.getText()),
  ).length;
}

function ofDeclaration(name: string, declaration: Declaration): readonly string[] {
  if (ts.isFunctionDeclaration(declaration)) return boundIn(declaration.parameters) > 1 ? [name] : [];
  if (!ts.isClassDeclaration(declaration)) return [];
  const own = BOUND.test(`${name} ${declaration.heritageClauses?.map((c) => c.getText()).join(' ') ?? ''}`)
    ? 1
    : 0;
  return declaration.members.flatMap((member) => {
    if (isHidden(member)) return [];
    if (ts.isConstructorDeclaration(member)) return boundIn(member.parameters) > 1 ? [`new ${name}`] : [];
    if (ts.isMethodDeclaration(member) && ts.isIdentifier(member.name))
      return own + boundIn(member.parameters) > 1 && boundIn(member.parameters) > 0
        ? [`${name}.${member.name.text}`]
        : [];
    return [];
  });
}

/** `sgMap`, `SpinLock.lock`, `new SgMiter`. */
export function functionsOfTwo(): readonly string[] {
  const found = new Set<string>();
  for (const { names } of entryPoints())
    for (const { name, declarations } of names.values())
      for (const declaration of declarations)
        for (const one of ofDeclaration(name, declaration)) found.add(one);
  return [...found].sort();
}
