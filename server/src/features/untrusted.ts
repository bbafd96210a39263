/**
 * Text from a trace (SQL, plans, names, paths) was written by whoever wrote the segment. Here it is made harmless for where it is shown.
 */

/** Controls, line ends, and the marks that turn the direction of text around or hide it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** One line of at most `limit` characters. */
export function oneLine(text: string, limit = 200): string {
  const line = text.replace(invisible, " ").trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** Several lines of at most `limit` characters in all, and what was left out. Line ends and tabs stay. */
export function severalLines(text: string, limit: number): string {
  const clean = text
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.replace(/\t/g, "    ").replace(invisible, " "))
    .join("\n");
  if (clean.length <= limit) return clean;
  return `${clean.slice(0, limit)}\n… ${clean.length - limit} more characters`;
}

/** For a lens title, where VS Code would draw `$(name)` as an icon. */
export function plainTitle(text: string, limit = 200): string {
  return oneLine(text, limit).replaceAll("$(", "$ (");
}
