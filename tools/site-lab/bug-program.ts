/**
 * Makes a program of a spec of `test/bugs`: what stands before its tests, and what the first of them expects to be found.
 */

/** A program, and the rule that it breaks. */
export interface BugProgram {
  readonly text: string;
  readonly rule: string;
}

/** Makes the program; `undefined` if the spec has no test that a file of its own could show. */
export function bugProgram(spec: string): BugProgram | undefined {
  const tests = spec.indexOf('\ndescribe(');
  if (tests < 0) return undefined;
  const head = spec.slice(0, tests + 1);
  for (const [call] of spec
    .slice(tests)
    .matchAll(/expectFound\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)/g)) {
    const [, program, rule] = /^expectFound\(\s*(.*?),\s*'([a-z-]+)',?\s*\)$/s.exec(call) ?? [];
    if (program === undefined || rule === undefined || !isKnownIn(head, program)) continue;
    const imports = `import { defineProgram } from 'scatterlist/explore';\n`;
    const text = `${imports}${withoutTestImports(head)}\nexport default defineProgram(${program});\n`;
    return { text: text.replaceAll(/\n{3,}/g, '\n\n'), rule };
  }
  return undefined;
}

/** Whether an expression uses only names that the head of the file has. */
function isKnownIn(head: string, expression: string): boolean {
  const code = expression.replaceAll(/'[^']*'|\.\w+|\b\w+\s*:|=>/g, ' ');
  const names = new Set(code.match(/\b[A-Za-z_]\w*\b/g) ?? []);
  const own = new Set([...expression.matchAll(/\(?(\w+)\)?\s*=>/g)].map(([, name]) => name));
  return [...names].every(
    (name) => /^(true|false|new|undefined|null)$/.test(name) || own.has(name) || isDeclaredIn(head, name),
  );
}

function isDeclaredIn(head: string, name: string): boolean {
  const declared = new RegExp(
    `\\b(?:const|let|class|function\\*?)\\s+${name}\\b|^import [^;]*\\b${name}\\b`,
    'm',
  );
  return declared.test(head);
}

function withoutTestImports(head: string): string {
  return head
    .replaceAll(/^import [^;]*from '(?:chai|\.\/support\.ts|fast-check)';\n/gm, '')
    .replaceAll(/^import \{ defineProgram \} from 'scatterlist\/explore';\n/gm, '');
}
