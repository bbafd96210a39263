import { type LogicalLine, readLogicalLines, widthOf } from "./logicalLines.ts";
import { type Change, RepairedText } from "./repairedText.ts";
import type { Token } from "./tokens.ts";

/**
 * A text in which what the grammar cannot read takes nothing around it along. Its own error recovery loses the rest of a block, or of the file, to
 * one bracket that is not closed yet; here each such statement is finished where it stands: brackets and strings are closed, a missing operand,
 * colon or body is put in. Valid Python that tree-sitter-python 0.25 does not know is written in another way.
 *
 * @returns null where there is nothing to mend
 */
export function repair(text: string): RepairedText | null {
  const lines = readLogicalLines(text);
  const changes = lines.flatMap((line, index) => [...line.changes, ...completion(line, lines[index + 1] ?? null)]);
  if (changes.length === 0) return null;
  const isValid = changes.every(({ text: inserted, start, end }) => start < end || inserted.trim() === "");
  return new RepairedText(
    text,
    changes.sort((a, b) => a.start - b.start),
    isValid,
  );
}

const compound: ReadonlySet<string> = new Set([
  ...["def", "class", "if", "elif", "else", "for", "while", "with", "try", "except", "finally"],
]);

/** Words behind which an expression must follow. */
const expecting: ReadonlySet<string> = new Set([
  ...["in", "and", "or", "not", "is", "if", "elif", "else", "while", "with", "as", "import", "del", "assert", "await"],
]);

/** What the line lacks at its end. */
function completion(line: LogicalLine, next: LogicalLine | null): readonly Change[] {
  const { words, last, missing, lacking, parts, indent } = line;
  const keyword = (words[0] === "async" ? words[1] : words[0]) ?? "";
  const isCompound = compound.has(keyword);
  const isHeader = isCompound || ((keyword === "match" || keyword === "case") && last.text === ":");
  const hasColon = parts.has(":");
  let text = "";
  if (!(isHeader && last.text === ":")) text += missingOperand(line, keyword);
  text += lacking[0] + missing + lacking[1];
  if (isCompound && !hasColon) text += ":";
  const needsBody = isHeader && (last.text === ":" || !hasColon);
  if (needsBody && (next === null || widthOf(next.indent) <= widthOf(indent))) text += " pass";
  if (line.first.text === "@" && !isDecorated(next)) text += `\n${indent}def _(): pass`;
  return text === "" ? [] : [{ start: last.end, end: last.end, text }];
}

function isDecorated(line: LogicalLine | null): boolean {
  const [keyword, second] = line?.words ?? [];
  return (
    line?.first.text === "@" || keyword === "def" || keyword === "class" || (keyword === "async" && second === "def")
  );
}

function missingOperand({ words, last, missing, parts, first }: LogicalLine, keyword: string): string {
  const isFirst = last.start === first.start || (words[0] === "async" && words.length === 2);
  const imports = keyword === "import" || keyword === "from";
  const isNamed = words.length === (words[0] === "async" ? 3 : 2) && last.kind === "word";
  if (keyword === "def" && (isFirst || isNamed)) return isFirst ? " _()" : "()";
  if (keyword === "class" && isFirst) return " _";
  if (keyword === "for" && missing === "" && !parts.has("in")) return isFirst ? " _ in _" : " in _";
  if (keyword === "from" && missing === "" && !parts.has("import")) return isFirst ? " _ import _" : " import _";
  if (imports && last.text === "*") return "";
  return expectsOperand(last, isFirst) ? " _" : "";
}

function expectsOperand({ kind, text }: Token, isFirst: boolean): boolean {
  if (kind === "operator") return ![",", ";", "..."].includes(text);
  return kind === "word" && expecting.has(text) && !(isFirst && text === "else");
}
