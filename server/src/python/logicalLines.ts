import type { Change } from "./repairedText.ts";
import { missing, type Open, type Token, TokenReader } from "./tokens.ts";
import { TypeParameterDefaults } from "./typeParameterDefaults.ts";
import { UnfinishedExpressions } from "./unfinishedExpressions.ts";

/** One statement, header, clause or decorator, on as many lines as its brackets take. */
export interface LogicalLine {
  readonly first: Token;
  readonly indent: string;
  /** Its first four tokens: words and opening brackets as they are written, others as "". */
  readonly words: readonly string[];
  readonly last: Token;
  /** Closing brackets and quotes that are missing behind `last`, innermost first. */
  readonly missing: string;
  /** What lacks before those, and behind them, to finish expressions of which the first half is written. */
  readonly lacking: readonly [string, string];
  /** Words and operators that stand outside of all brackets, of those that headers need: `:`, `in`, `import`. */
  readonly parts: ReadonlySet<string>;
  /** A bracket was not closed: not at all, or not before a string of another line went wrong. */
  readonly runsOn: boolean;
  /** What had to be mended within. */
  readonly changes: readonly Change[];
}

/** Only statements begin so: no expression goes on with it. */
const beginsStatement =
  /(?:async[ \t]+(?:def|with)|def|class|return|import|from[ \t]+[\w.]+[ \t]+import|while|with|try|except|finally|elif|raise|pass|break|continue|global|nonlocal|assert|del)\b|@\w/y;
/** Also clauses of expressions begin so; a colon at the line's end tells, where brackets are none of its own line. */
const mayBeginStatement = /(?:async[ \t]+for|for|if|else)\b([^\r\n#]*):[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|$)/y;

/** How often a text may be read over, all in all, to find out that a bracket is never closed. */
const rereads = 8;

/**
 * The logical lines of any text. A line with a bracket that is never closed ends where the next statement begins: which takes reading on to see
 * that it is not closed. Where a text has so many of them that this would take as long as the text is long for each, the rest end at the first
 * line that need not be theirs.
 */
export function readLogicalLines(text: string): readonly LogicalLine[] {
  const reader = new TokenReader(text);
  const lines: LogicalLine[] = [];
  let left = rereads * text.length + 50_000;
  for (;;) {
    const { offset } = reader;
    const first = firstOfLine(reader);
    if (first === null) return lines;
    if (left > 0) {
      const read = readLogicalLine(reader, text, first, (at) => isStatement(text, at));
      if (!read.runsOn) {
        lines.push(read);
        continue;
      }
      left -= read.last.end - first.start;
    }
    // What does not stand further right than the statement is then no part of it.
    const width = widthOf(indentAt(text, lineStart(text, first.start)));
    const isNext = (start: number, indent: string) =>
      isStatement(text, start) || (widthOf(indent) <= width && !/[)\]}]/.test(text[start] ?? ""));
    reader.goTo(offset);
    lines.push(readLogicalLine(reader, text, firstOfLine(reader) ?? first, isNext));
  }
}

/** Null at the end of the text. */
function firstOfLine(reader: TokenReader): Token | null {
  for (let token = reader.next(); ; token = reader.next()) {
    if (token.kind === "end") return null;
    if (token.kind !== "newline") return token;
  }
}

/** @param isNext whether the line that starts there, within open brackets, is no part of this one any more */
function readLogicalLine(
  reader: TokenReader,
  text: string,
  first: Token,
  isNext: (start: number, indent: string) => boolean,
): LogicalLine {
  const indent = indentAt(text, lineStart(text, first.start));
  const words: string[] = [];
  const parts = new Set<string>();
  const changes: Change[] = [];
  const defaults = new TypeParameterDefaults();
  const unfinished = new UnfinishedExpressions();
  let continued = false;
  let runsOn = false;
  const line = (last: Token, open: Open | null) => {
    const lacking = [unfinished.lacking(open?.depth ?? 0), open === null ? "" : unfinished.lacking(0)] as const;
    return {
      first,
      indent,
      words,
      last,
      missing: missing(open),
      lacking,
      parts,
      runsOn: runsOn || open !== null,
      changes,
    };
  };
  let last = first;
  let newLine: { readonly start: number; readonly open: Open | null } | null = null;
  for (let token = first; ; token = reader.next()) {
    if (token.kind === "newline" && reader.depth > 0) {
      continued = true;
      newLine = { start: token.end, open: reader.open };
      const own = indentAt(text, token.end);
      if (text[token.end + own.length] === "#") changes.push(...indented(token.end, own, indent));
      continue;
    }
    if (token.kind === "newline" || token.kind === "end") return line(last, reader.open);
    if (newLine !== null) {
      const own = indentAt(text, newLine.start);
      if (isNext(newLine.start + own.length, own)) {
        reader.goTo(newLine.start);
        return line(last, newLine.open);
      }
      changes.push(...indented(newLine.start, own, indent));
      newLine = null;
    }
    if (token.kind === "unterminated") {
      changes.push({ start: token.end, end: token.end, text: token.text });
      runsOn ||= continued;
    }
    if (token.kind === "close" && token.text.length > 1)
      changes.push({ start: token.start, end: token.start, text: token.text.slice(0, -1) });
    if (words.length < 4) words.push(token.kind === "word" || token.kind === "open" ? token.text : "");
    if (reader.depth === 0) parts.add(token.text);
    changes.push(...defaults.take(token, words, reader.depth));
    unfinished.take(token, reader.depth, token === first || words[0] === "case");
    last = token;
  }
}

/** tree-sitter-python takes a continuation line that stands further left than its statement for the end of a block, behind an operator at least. */
function indented(start: number, own: string, indent: string): readonly Change[] {
  return widthOf(own) < widthOf(indent) ? [{ start, end: start, text: indent }] : [];
}

function lineStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && text[start - 1] !== "\n" && text[start - 1] !== "\r") start--;
  return start;
}

function indentAt(text: string, start: number): string {
  let end = start;
  while (text[end] === " " || text[end] === "\t" || text[end] === "\f") end++;
  return text.slice(start, end);
}

/** Columns, as CPython counts them: a tab goes to the next multiple of eight. */
export function widthOf(indent: string): number {
  let width = 0;
  for (const character of indent) width = character === "\t" ? (Math.floor(width / 8) + 1) * 8 : width + 1;
  return width;
}

function isStatement(text: string, at: number): boolean {
  beginsStatement.lastIndex = at;
  if (beginsStatement.test(text)) return true;
  mayBeginStatement.lastIndex = at;
  const rest = mayBeginStatement.exec(text)?.[1];
  return rest !== undefined && isBalanced(rest);
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if ("([{".includes(character)) depth += 1;
    if (")]}".includes(character)) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
