/** Every number that a public function takes, read from the sources. */
import ts from 'typescript';
import { entryPoints, parse, sourceFiles } from '../../tools/public-api.ts';
import type { Declaration } from '../../tools/public-api.ts';

/** Types that are numbers under another name. */
const NUMBERS = new Set([
  'number',
  'Pfn',
  'PhysAddr',
  'VirtAddr',
  'DmaAddr',
  'CpuId',
  'TaskId',
  'OrigNents',
  'MappedNents',
  'IoWidth',
  'Choice',
]);

/** Interfaces that a caller never fills in with numbers of their own: what the library made itself. */
const MADE_HERE = new Set([
  'Contract',
  'Mapping',
  'DirectMapping',
  'MapBackend',
  'Zone',
  'Violation',
  'ViolationFacts',
  'Outcome',
  'Counts',
  'StepRecord',
  'Explained',
  'Strategy',
  'World',
  'Point',
  'MachineConfig',
  'LedgerCounts',
  'Hardware',
  'Subject',
  'Runner',
  'Machine',
  'SlotUser',
  'SlotTally',
  'SlotLayout',
  'PageOwner',
  'PieceRange',
  'BounceRun',
  'DmaSegment',
  'Mapper',
  'WindowOwner',
  'MachineParts',
  'SgPageSource',
  'SgAllocator',
  'SgChunks',
]);

const interfaces = new Map<string, ts.InterfaceDeclaration>();
const classes = new Map<string, ts.ClassDeclaration>();
for (const file of sourceFiles()) {
  for (const statement of parse(file).statements) {
    if (ts.isInterfaceDeclaration(statement)) interfaces.set(statement.name.text, statement);
    if (ts.isClassDeclaration(statement) && statement.name !== undefined)
      classes.set(statement.name.text, statement);
  }
}

/** Options that many functions take are named once, by their own name: `SgOptions.maxSingleAlloc`. */
const SHARED = new Set(['MachineOptions', 'SgOptions', 'Program']);

/** `sgSplit(skip)`, `SgMiter.skip(bytes)`, `createMachine(options.cpus)`. */
export function numberParameters(): readonly string[] {
  const found = new Set<string>();
  const entries = entryPoints();
  const exported = new Set(entries.flatMap(({ names }) => [...names.keys()]));
  for (const { names } of entries) {
    for (const { name, declarations, isType } of names.values())
      for (const declaration of declarations)
        for (const one of ofDeclaration(name, declaration, exported))
          if (isType !== true || !one.startsWith('new ')) found.add(one);
  }
  return [...found].sort();
}

function ofDeclaration(
  name: string,
  declaration: Declaration,
  exported: ReadonlySet<string>,
): readonly string[] {
  if (ts.isFunctionDeclaration(declaration)) return ofParameters(name, declaration.parameters);
  if (ts.isClassDeclaration(declaration)) return ofClass(name, declaration, exported);
  if (!ts.isVariableStatement(declaration)) return [];
  return declaration.declarationList.declarations.flatMap(({ initializer }) =>
    initializer !== undefined && ts.isArrowFunction(initializer)
      ? ofParameters(name, initializer.parameters)
      : [],
  );
}

/** Of a class and of those that it extends, except where such a class is exported under its own name. */
function ofClass(
  name: string,
  declaration: ts.ClassDeclaration,
  exported: ReadonlySet<string>,
): readonly string[] {
  const base = baseOf(declaration);
  const inherited =
    base?.name === undefined || exported.has(base.name.text) ? [] : ofClass(name, base, exported);
  const own = ofMethods(name, declaration);
  const hasOwnConstructor = declaration.members.some(ts.isConstructorDeclaration);
  return [...inherited.filter((one) => !(hasOwnConstructor && one.startsWith('new '))), ...own];
}

function baseOf({ heritageClauses }: ts.ClassDeclaration): ts.ClassDeclaration | undefined {
  const clause = heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  const extended = clause?.types[0]?.expression;
  return extended !== undefined && ts.isIdentifier(extended) ? classes.get(extended.text) : undefined;
}

function ofMethods(name: string, declaration: ts.ClassDeclaration): readonly string[] {
  return declaration.members.flatMap((member) => {
    if (isHidden(member)) return [];
    if (ts.isConstructorDeclaration(member)) return ofParameters(`new ${name}`, member.parameters);
    if (ts.isMethodDeclaration(member) && ts.isIdentifier(member.name))
      return ofParameters(`${name}.${member.name.text}`, member.parameters);
    if (ts.isSetAccessorDeclaration(member) && ts.isIdentifier(member.name))
      return ofParameters(`${name}.${member.name.text}=`, member.parameters);
    return [];
  });
}

function isHidden(member: ts.ClassElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return true;
  return (ts.getModifiers(member as ts.MethodDeclaration) ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
  );
}

function ofParameters(name: string, parameters: readonly ts.ParameterDeclaration[]): readonly string[] {
  return parameters.flatMap((parameter, i) => {
    const own = ts.isIdentifier(parameter.name) ? parameter.name.text : `#${String(i)}`;
    if (parameter.type === undefined) {
      const value = parameter.initializer;
      return value !== undefined && ts.isNumericLiteral(value) ? [`${name}(${own})`] : [];
    }
    return pathsOf(parameter.type, own, new Set()).map((path) =>
      path.startsWith('@') ? path.slice(1) : `${name}(${path})`,
    );
  });
}

function pathsOf(type: ts.TypeNode, path: string, seen: ReadonlySet<string>): readonly string[] {
  if (type.kind === ts.SyntaxKind.NumberKeyword) return [path];
  if (ts.isUnionTypeNode(type))
    return [...new Set(type.types.flatMap((member) => pathsOf(member, path, seen)))];
  if (ts.isTypeOperatorNode(type)) return pathsOf(type.type, path, seen);
  if (ts.isArrayTypeNode(type)) return pathsOf(type.elementType, `${path}[]`, seen);
  if (ts.isTypeLiteralNode(type)) return ofMembers(type.members, path, seen);
  if (!ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName)) return [];
  const { text } = type.typeName;
  if (NUMBERS.has(text)) return [path];
  if (text === 'Partial' && type.typeArguments?.[0] !== undefined)
    return pathsOf(type.typeArguments[0], path, seen);
  const declared = interfaces.get(text);
  if (declared === undefined || MADE_HERE.has(text) || seen.has(text)) return [];
  return ofInterface(declared, SHARED.has(text) ? `@${text}` : path, new Set([...seen, text]));
}

function ofInterface(
  declared: ts.InterfaceDeclaration,
  path: string,
  seen: ReadonlySet<string>,
): readonly string[] {
  const inherited = (declared.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap(({ expression }) => {
      const base = ts.isIdentifier(expression) ? interfaces.get(expression.text) : undefined;
      if (base === undefined || MADE_HERE.has(base.name.text)) return [];
      return ofInterface(base, SHARED.has(base.name.text) ? `@${base.name.text}` : path, seen);
    }),
  );
  return [...inherited, ...ofMembers(declared.members, path, seen)];
}

function ofMembers(
  members: readonly ts.TypeElement[],
  path: string,
  seen: ReadonlySet<string>,
): readonly string[] {
  return members.flatMap((member) =>
    ts.isPropertySignature(member) && member.type !== undefined && ts.isIdentifier(member.name)
      ? pathsOf(member.type, `${path}.${member.name.text}`, seen)
      : [],
  );
}
