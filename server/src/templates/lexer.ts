/** `tag` is `{% … %}`, `variable` is `{{ … }}`. Offsets are UTF-16 code units and include the delimiters. */
export interface TemplateToken {
  readonly kind: "tag" | "variable";
  /** The text between the delimiters (and Jinja's whitespace signs), trimmed: Django's `Token.contents`. */
  readonly contents: string;
  readonly start: number;
  readonly end: number;
}

export type TemplateLanguage = "django-template" | "jinja";

/** As django.template.base.tag_re: no Django tag goes over the end of a line. Jinja's do. */
const django = /\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}/g;
const jinja = /\{%[\s\S]*?%\}|\{\{[\s\S]*?\}\}|\{#[\s\S]*?#\}/g;

/** The tags and variables that a template runs: without comments and without what stands in `verbatim`, `raw` or `comment`. */
export function* readTokens(text: string, language: TemplateLanguage): Generator<TemplateToken> {
  let skippedUntil: string | null = null;
  for (const { 0: whole, index } of text.matchAll(language === "jinja" ? jinja : django)) {
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
