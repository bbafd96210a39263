import { LineScan } from "./lineScan.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;
const hash = 0x23;
const at = 0x40;

const classHeader = /class\b/y;
const definition = /(?:async[ \t]+def|def|class)\b/y;
const indentation = /[ \t]*/y;

/** Smaller ones are parsed at once: what they take is not felt. */
export const largeClass = 16_000;

/**
 * Cuts a large class of the module into pieces that can be parsed by themselves, so that what is typed in one of its methods costs the parsing of
 * that method: the first one is its header with the beginning of its body, each other one begins with a definition of the body and its decorators.
 *
 * @param block as blocks.ts cuts it: the class, what decorates it, and the comments behind it; all line ends are line feeds
 * @param least characters of a class that is large
 * @returns where pieces begin, the first at 0; null for anything else, and where a line stands further left than the body
 */
export function classPieces(block: string, least = largeClass): readonly number[] | null {
  if (block.length < least) return null;
  const scan = new ClassScan(block);
  return scan.run() && scan.starts.length > 1 ? scan.starts : null;
}

class ClassScan extends LineScan {
  readonly starts: number[] = [0];
  /** The class's own line was met. */
  #isWithin = false;
  /** The body's indentation, once it has begun. */
  #margin: string | null = null;
  /** The body's last statement is a decorator, or none has begun yet. */
  #isHeld = true;
  /** Where the decorators above this line begin, within an open bracket. */
  #decorators: number | null = null;

  /** False where this is nothing to be cut. */
  run(): boolean {
    let line = 0;
    let isContinued = false;
    while (line < this.text.length) {
      if (!isContinued && !this.#beginLine(line)) return false;
      const end = this.skipLine(line);
      isContinued = end < 0;
      line = Math.abs(end);
    }
    return this.unended.length === 0;
  }

  #beginLine(line: number): boolean {
    const indent = this.#indentOf(line);
    const first = line + indent.length;
    const code = this.text.charCodeAt(first);
    if (this.depth > 0) {
      if (indent === this.#margin) this.#beginWithinBracket(line, first, code);
      return true;
    }
    if (code === newline || code === carriageReturn || code === hash || Number.isNaN(code)) return true;
    if (code === backslash) return false;
    if (!this.#isWithin) {
      this.#isWithin = this.matches(classHeader, first);
      return indent === "" && (this.#isWithin || code === at);
    }
    this.#margin ??= indent;
    if (indent !== this.#margin) return this.#margin !== "" && indent.startsWith(this.#margin);
    if (indent === "") return false;
    const isDecorator = code === at;
    if (!this.#isHeld && (isDecorator || this.matches(definition, first))) this.#cut(line);
    this.#isHeld = isDecorator;
    return true;
  }

  /** No expression has a definition: one that stands where the body's do ends what the bracket holds. */
  #beginWithinBracket(line: number, first: number, code: number): void {
    if (this.matches(definition, first)) {
      this.depth = 0;
      this.#cut(this.#decorators ?? line);
      this.#isHeld = false;
    } else if (code !== at) this.#decorators = null;
    else this.#decorators ??= line;
  }

  #cut(offset: number): void {
    this.starts.push(offset);
    this.#decorators = null;
  }

  #indentOf(line: number): string {
    indentation.lastIndex = line;
    return indentation.exec(this.text)?.[0] ?? "";
  }
}
