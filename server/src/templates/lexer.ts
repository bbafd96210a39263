/** `tag` is `{% … %}`, `variable` is `{{ … }}`. Offsets are UTF-16 code units and include the delimiters. */
export interface TemplateToken {
  readonly kind: "tag" | "variable";
  /** The text between the delimiters (and Jinja's whitespace signs), trimmed: Django's `Token.contents`. */
  readonly contents: string;
  readonly start: number;
  readonly end: number;
}

export type TemplateLanguage = "django-template" | "jinja";

const opening = /\{[%{#]/g;
const closings: Readonly<Record<string, string>> = { "{%": "%}", "{{": "}}", "{#": "#}" };

/**
 * Tags, variables and comments, as django.template.base.tag_re finds them: none of them goes over the end of a line. Jinja's do. Where something is
 * looked for is gone over once, however many begin that never end.
 */
function* readPieces(text: string, language: TemplateLanguage): Generator<{ whole: string; index: number }> {
  const next = new Map<string, number>();
  const find = (what: string, from: number): number => {
    let at = next.get(what) ?? -1;
    if (at < from) {
      const found = text.indexOf(what, from);
      at = found < 0 ? text.length : found;
      next.set(what, at);
    }
    return at;
  };
  for (let from = 0; ; ) {
    opening.lastIndex = from;
    const match = opening.exec(text);
    if (match === null) return;
    const { index } = match;
    const end = find(closings[match[0]] ?? "", index + 2);
    const limit = language === "jinja" ? text.length : Math.min(find("\n", index), find("\r", index));
    from = index + 1;
    if (end >= limit) continue;
    from = end + 2;
    yield { whole: text.slice(index, from), index };
  }
}

/** The tags and variables that a template runs: without comments and without what stands in `verbatim`, `raw` or `comment`. */
export function* readTokens(text: string, language: TemplateLanguage): Generator<TemplateToken> {
  let skippedUntil: string | null = null;
  for (const { whole, index } of readPieces(text, language)) {
    if (whole.startsWith("{#")) continue;
    const contents = whole
      .slice(2, -2)
      .replace(language === "jinja" ? /^[-+]|[-+]$/g : /^$/, "")
      .trim();
    const token = {
      kind: whole.startsWith("{%") ? "tag" : "variable",
      contents,
      start: index,
      end: index + whole.length,
    } as const;
    if (skippedUntil !== null) {
      if (token.kind === "tag" && isEnd(contents, skippedUntil)) skippedUntil = null;
      continue;
    }
    skippedUntil = token.kind === "tag" ? endOfSkipped(contents, language) : null;
    yield token;
  }
}

/** What ends the part that such a tag hides; null for all other tags. Django's `verbatim name` ends with `endverbatim name`. */
function endOfSkipped(contents: string, language: TemplateLanguage): string | null {
  const name = /^\w+/.exec(contents)?.[0];
  if (language === "jinja") return name === "raw" ? "endraw" : null;
  if (name === "verbatim") return `end${contents}`;
  return name === "comment" ? "endcomment" : null;
}

function isEnd(contents: string, end: string): boolean {
  return contents === end || (end === "endcomment" && /^endcomment\b/.test(contents));
}
