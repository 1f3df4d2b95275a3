/**
 * The reference of the API, made by typedoc from the doc comments. The tags `@linux`, `@context`, `@errors` and `@differs` become
 * rows of a table below the first sentence, and Linux's names lead to the table of Linux functions.
 */
import { join } from 'node:path';
import { Application, ReflectionKind } from 'typedoc';
import type { Comment, CommentTag, ProjectReflection, Reflection, TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { ROOT, entryPoints } from '../public-api.ts';
import { anchorOf } from './linux-table.ts';
import { PAGES } from './page.ts';

/** Where the reference has the page of an exported name: by entry point and name, with methods as `Class.method`. */
export type ReferencePages = ReadonlyMap<string, string>;

const ROWS: ReadonlyMap<string, string> = new Map([
  ['@linux', 'Linux'],
  ['@context', 'Context'],
  ['@errors', 'Errors'],
  ['@differs', 'Differs'],
]);

/** Every tag of the doc comments. */
const TAGS: readonly `@${string}`[] = [
  '@linux',
  '@context',
  '@errors',
  '@differs',
  '@example',
  '@param',
  '@returns',
  '@deprecated',
  '@internal',
];

/** Writes the pages of the reference, and returns where each name has its page. */
export async function writeReference(
  linuxNames: ReadonlySet<string>,
  errorCodes: readonly string[],
): Promise<ReferencePages> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: entryPoints().map(({ file }) => join(ROOT, file)),
    tsconfig: join(ROOT, 'tsconfig.json'),
    basePath: ROOT,
    outputs: [{ name: 'markdown', path: join(PAGES, 'api') }],
    name: 'API',
    readme: 'none',
    disableSources: true,
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    blockTags: [...TAGS],
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    logLevel: 'Warn',
    entryFileName: 'index',
    hidePageHeader: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    useCodeBlocks: true,
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc could not read the sources');
  nameModules(project);
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.comment !== undefined) showTags(reflection.comment, linuxNames, errorCodes);
  }
  const pages = new Map<string, string>();
  app.renderer.postRenderAsyncJobs.push(() => {
    const { router } = app.renderer;
    for (const module of project.children ?? [])
      for (const [name, reflection] of namesOf(module))
        if (router !== undefined)
          pages.set(`${module.name} ${name}`, `/api/${router.getFullUrl(reflection)}`);
    return Promise.resolve();
  });
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error('typedoc reported errors');
  return pages;
}

/** Modules are named after what a program imports. */
function nameModules(project: ProjectReflection): void {
  const specifiers = new Map(
    entryPoints().map(({ specifier, file }) => [file.replace(/(\/index)?\.ts$/, ''), specifier]),
  );
  for (const module of project.children ?? []) {
    const specifier = specifiers.get(module.name);
    if (specifier === undefined) throw new Error(`typedoc names a module ${module.name}`);
    module.name = specifier;
  }
}

function* namesOf(module: Reflection): Generator<readonly [string, Reflection]> {
  if (!module.isDeclaration()) return;
  for (const child of module.children ?? []) {
    yield [child.name, child];
    // A class that is exported as a type is an interface for typedoc.
    if (child.kindOf([ReflectionKind.Class, ReflectionKind.Interface]))
      for (const member of child.children ?? []) yield [`${child.name}.${member.name}`, member];
  }
}

/** Takes the tags of this project out of a comment and puts a table of them behind its first paragraph. */
function showTags(comment: Comment, linuxNames: ReadonlySet<string>, errorCodes: readonly string[]): void {
  const told = comment.blockTags.filter(({ tag }) => ROWS.has(tag));
  if (told.length === 0) return;
  comment.blockTags = comment.blockTags.filter(({ tag }) => !ROWS.has(tag));
  const rows = told.map((tag) => `| **${ROWS.get(tag.tag) ?? ''}** | ${cell(tag, linuxNames, errorCodes)} |`);
  comment.summary.push({ kind: 'text', text: `\n\n| | |\n|---|---|\n${rows.join('\n')}\n` });
}

function cell(
  { tag, content }: CommentTag,
  linuxNames: ReadonlySet<string>,
  errorCodes: readonly string[],
): string {
  const text = content
    .map((part) => part.text)
    .join('')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll(/</g, '&lt;')
    .trim();
  if (tag === '@linux')
    return text.replaceAll(/\b[a-z_]\w*\b/g, (word) =>
      linuxNames.has(word) ? `[\`${word}\`](/linux-api.md#${anchorOf(word)})` : word,
    );
  if (tag === '@errors')
    return text.replaceAll(/\b[A-Z]\w+\b/g, (word) =>
      errorCodes.includes(word) ? `[${word}](/errors.md#${word.toLowerCase()})` : word,
    );
  return text;
}
