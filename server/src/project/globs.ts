/**
 * A test for relative POSIX paths against patterns as in `.gitignore`, in short: `*` and `?` stay within a folder, `**` crosses folders,
 * and a pattern that matches a folder matches all that is in it. A pattern without a slash matches at any depth.
 */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(toExpression);
  return (path) => expressions.some((expression) => expression.test(path));
}

function toExpression(pattern: string): RegExp {
  const trimmed = pattern.replace(/^\.?\//, "").replace(/\/+$/, "");
  const anywhere = trimmed.includes("/") || pattern.startsWith("/") ? "" : "(?:.*/)?";
  const body = trimmed.replace(/\*\*\/|\*\*|\*|\?|[\\^$.|+()[\]{}]/g, (part) => replacements[part] ?? `\\${part}`);
  return new RegExp(`^${anywhere}${body}(?:/.*)?$`);
}

const replacements: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };
