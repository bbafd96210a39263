import { TokenReader } from "./tokens.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;
const hash = 0x23;
const doubleQuote = 0x22;
const singleQuote = 0x27;

const formatPrefix = /(?<!\w)(?:[rR]?[fFtT]|[fFtT][rR])$/;

/** Goes over a Python text line by line, and reads no more of it than strings, comments, brackets and line ends. */
export class LineScan {
  readonly text: string;
  /** Where a format string begins that never ends: that it does not was seen by reading all behind it. */
  readonly unended: number[] = [];
  /** Number of brackets that stand open. */
  depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** A line that holds nothing but a backslash at the margin is as far indented as the next one (CPython's tokenizer, `tok_get_normal_mode`). */
  behindContinuations(line: number): number {
    let first = line;
    while (this.text.charCodeAt(first) === backslash && this.#isLineEnd(first + 1)) first = this.#lineBehind(first + 1);
    return first;
  }

  matches(pattern: RegExp, offset: number): boolean {
    pattern.lastIndex = offset;
    return pattern.test(this.text);
  }

  /** Reads to the next line; its start is negative behind a backslash, where it goes on with the same statement. */
  skipLine(line: number): number {
    const text = this.text;
    let offset = line;
    while (offset < text.length) {
      const code = text.charCodeAt(offset);
      if (code === newline) return offset + 1;
      if (code === hash) {
        const end = text.indexOf("\n", offset);
        return end === -1 ? text.length : end + 1;
      }
      if (code === doubleQuote || code === singleQuote) {
        offset = this.#skipString(offset, code);
      } else if (code === backslash && this.#isLineEnd(offset + 1)) {
        return -this.#lineBehind(offset + 1);
      } else {
        if (code === 0x28 || code === 0x5b || code === 0x7b) this.depth += 1;
        else if ((code === 0x29 || code === 0x5d || code === 0x7d) && this.depth > 0) this.depth -= 1;
        offset += 1;
      }
    }
    return text.length;
  }

  /** Behind the string. One in single quotes ends with its line at the latest. */
  #skipString(start: number, quote: number): number {
    const text = this.text;
    const prefix = formatPrefix.exec(text.slice(Math.max(0, start - 3), start))?.[0];
    if (prefix !== undefined) return this.#skipFormat(start - prefix.length);
    const isLong = text.charCodeAt(start + 1) === quote && text.charCodeAt(start + 2) === quote;
    let offset = start + (isLong ? 3 : 1);
    while (offset < text.length) {
      const code = text.charCodeAt(offset);
      if (code === backslash) {
        offset += text.startsWith("\r\n", offset + 1) ? 3 : 2;
      } else if (code === newline && !isLong) {
        return offset;
      } else if (code === quote && !isLong) {
        return offset + 1;
      } else if (code === quote && text.charCodeAt(offset + 1) === quote && text.charCodeAt(offset + 2) === quote) {
        return offset + 3;
      } else offset += 1;
    }
    return text.length;
  }

  /** The fields of a format string hold strings with its own quotes, and lines. */
  #skipFormat(start: number): number {
    const reader = new TokenReader(this.text, start);
    for (;;) {
      const { kind, end } = reader.next();
      if (kind === "unterminated" || kind === "end") this.unended.push(start);
      if (kind === "end" || (reader.depth === 0 && (kind === "string" || kind === "unterminated"))) return end;
    }
  }

  #isLineEnd(offset: number): boolean {
    const code = this.text.charCodeAt(offset);
    return code === newline || (code === carriageReturn && this.text.charCodeAt(offset + 1) === newline);
  }

  #lineBehind(offset: number): number {
    return this.text.charCodeAt(offset) === carriageReturn ? offset + 2 : offset + 1;
  }
}
