import type { Position, Range } from "./range.ts";

/** One end of line as editors and Python both count it; a form feed or U+2028 is no end of line. */
const lineEnd = /\r\n|\r|\n/g;

/** The lines without their ends; always at least one, the last being empty where the text ends with a line end. */
export function splitLines(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}

function startsOfAnyLines(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(lineEnd)) starts.push(match.index + match[0].length);
  return starts;
}

/** Made anew with each key that is typed, and nearly all texts end their lines in this way. */
function startsOfLines(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}

/** Converts between offsets (UTF-16 code units) and positions of one text. Out-of-range arguments are clamped, never refused. */
export class LineIndex {
  readonly text: string;
  #known: readonly number[] | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** Of many a text nobody asks. */
  get #starts(): readonly number[] {
    this.#known ??= this.text.includes("\r") ? startsOfAnyLines(this.text) : startsOfLines(this.text);
    return this.#known;
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  positionAt(offset: number): Position {
    const clamped = Math.min(Math.max(offset, 0), this.text.length);
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= clamped) low = middle;
      else high = middle;
    }
    return { line: low, character: Math.min(clamped, this.contentEnd(low)) - this.lineStart(low) };
  }

  offsetAt(position: Position): number {
    if (position.line < 0) return 0;
    if (position.line >= this.lineCount) return this.text.length;
    const start = this.lineStart(position.line);
    return Math.min(start + Math.max(position.character, 0), this.contentEnd(position.line));
  }

  rangeAt(start: number, end: number): Range {
    return { start: this.positionAt(start), end: this.positionAt(end) };
  }

  /** The line without its end; "" beyond the text. */
  lineText(line: number): string {
    if (line < 0 || line >= this.lineCount) return "";
    return this.text.slice(this.lineStart(line), this.contentEnd(line));
  }

  /** The line's own end (`"\n"`, `"\r\n"`, `"\r"`), "" for the last line. */
  lineEnding(line: number): string {
    return this.text.slice(this.contentEnd(line), this.lineStart(line + 1));
  }

  /** Offset of the line's first character; the text's length beyond its last line. */
  lineStart(line: number): number {
    return this.#starts[line] ?? this.text.length;
  }

  /** Offset behind the line's last character, before its end. */
  contentEnd(line: number): number {
    const end = this.lineStart(line + 1);
    if (line + 1 >= this.lineCount) return end;
    return this.text.startsWith("\r\n", end - 2) ? end - 2 : end - 1;
  }
}

/**
 * The UTF-16 column of a UTF-8 byte column in one line. Inside a character it is that character's start, beyond the line
 * the line's length. (CPython counts columns in UTF-8 bytes, whatever the file's encoding.)
 */
export function utf8ColumnToUtf16(lineText: string, byteColumn: number): number {
  let bytes = 0;
  let column = 0;
  for (const character of lineText) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > byteColumn) return column;
    column += character.length;
  }
  return column;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
