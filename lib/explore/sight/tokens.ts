/**
 * Splits JavaScript into words and punctuation, far enough to say which names a text mentions and which it assigns.
 */

/** One word or one run of punctuation. */
export interface Token {
  readonly text: string;
  /** Where it begins in the source. */
  readonly at: number;
  /** For a bracket, the index of the token that closes or opens it; otherwise -1. */
  partner: number;
}

const WORD = /#?[\p{ID_Start}$_](?:[\p{ID_Continue}$\u200c\u200d]|\\u\{?[\da-fA-F]+\}?)*/uy;
const NUMBER = /(?:0[xXbBoO][\da-fA-F_]+n?|\d[\d_]*\.?[\d_]*(?:[eE][-+]?\d+)?n?|\.\d+)/y;
const PUNCTUATION =
  /=>|\.\.\.|[=!]==?|>>>=|<<=|>>=|\*\*=|&&=|\|\|=|\?\?=|[-+*/%&|^]=|\+\+|--|&&|\|\||\?\?|\?\.(?!\d)|[^\s\w]/y;
const BLANK = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const TEXT = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** Words behind which a slash begins a regular expression. */
const BEFORE_REGEX = /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|yield|await|instanceof)$/;

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

/** The tokens of a source, or `undefined` if its brackets do not close, so that nothing is known of it. */
export function tokensOf(source: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const open: number[] = [];
  /** For each template that is being read, how many brackets were open before its current `${`. */
  const templates: number[] = [];
  let at = 0;
  const add = (text: string): void => {
    tokens.push({ text, at, partner: -1 });
    at += text.length;
  };
  const template = (): void => {
    while (at < source.length) {
      const char = source[at];
      if (char === '`') {
        at += 1;
        return;
      }
      if (char === '$' && source[at + 1] === '{') {
        at += 1;
        templates.push(open.length);
        open.push(tokens.length);
        add('{');
        return;
      }
      at += char === '\\' ? 2 : 1;
    }
  };
  while (at < source.length) {
    const blank = match(BLANK, source, at);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const char = source[at] ?? '';
    const before = tokens.at(-1)?.text ?? '';
    if (char === '`') {
      at += 1;
      add('');
      template();
    } else if (char === "'" || char === '"') {
      const text = match(TEXT, source, at);
      if (text === undefined) return undefined;
      add('');
      at += text.length;
    } else if (char === '/' && (before === '' || /[^\w$)\]}]$/.test(before) || BEFORE_REGEX.test(before))) {
      const text = match(REGEX, source, at);
      if (text === undefined) return undefined;
      add('');
      at += text.length;
    } else if ('([{'.includes(char)) {
      open.push(tokens.length);
      add(char);
    } else if (')]}'.includes(char)) {
      const partner = open.pop();
      const opening = partner === undefined ? undefined : tokens[partner];
      if (
        partner === undefined ||
        opening === undefined ||
        '([{'.indexOf(opening.text) !== ')]}'.indexOf(char)
      )
        return undefined;
      opening.partner = tokens.length;
      add(char);
      const closing = tokens.at(-1);
      if (closing !== undefined) closing.partner = partner;
      if (templates.at(-1) === open.length && char === '}') {
        templates.pop();
        template();
      }
    } else {
      const text = match(WORD, source, at) ?? match(NUMBER, source, at) ?? match(PUNCTUATION, source, at);
      if (text === undefined) return undefined;
      add(text);
    }
  }
  return open.length === 0 && templates.length === 0 ? tokens : undefined;
}
