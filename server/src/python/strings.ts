import { operands, type SyntaxNode } from "./syntax.ts";

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};

/**
 * What a plain string literal (implicitly concatenated ones too) means; null for f-strings, byte strings and template strings, and for
 * rarer escapes, which no name of a field or lookup has.
 */
export function stringValue(node: SyntaxNode, source: string): string | null {
  if (node.type === "concatenated_string") {
    const parts = operands(node).map((part) => stringValue(part, source));
    return parts.includes(null) ? null : parts.join("");
  }
  if (node.type !== "string") return null;
  const literal = /^([a-z]*)("""|'''|"|')([\s\S]*)\2$/i.exec(source.slice(node.start, node.end));
  if (literal === null) return null;
  const [, prefix = "", , content = ""] = literal;
  if (/[bft]/i.test(prefix)) return null;
  return /r/i.test(prefix) ? content : unescaped(content);
}

function unescaped(content: string): string | null {
  let known = true;
  const value = content.replace(/\\([\s\S])/g, (_whole, escaped: string) => {
    const meaning = escapes[escaped];
    if (meaning === undefined) known = false;
    return meaning ?? "";
  });
  return known ? value : null;
}

/**
 * The quote that most plain one-line strings of the text are written with: a double one where neither leads.
 *
 * @param starts their prefixes and opening quotes (`string_start`)
 */
export function preferredQuote(starts: Iterable<SyntaxNode>, source: string): "'" | '"' {
  let lead = 0;
  for (const node of starts) {
    const start = source.slice(node.start, node.end);
    if (start.endsWith("'''") || start.endsWith('"""')) continue;
    lead += start.endsWith("'") ? 1 : -1;
  }
  return lead > 0 ? "'" : '"';
}
