import { classPieces } from "./classPieces.ts";
import { joinClass } from "./joinedClass.ts";
import { parseMended } from "./mended.ts";
import type { ParsedText, TreeSitter } from "./treeSitter.ts";

/** Parses large classes piece by piece: of the one that is being typed all pieces but one are known. */
export class ClassParser {
  readonly #parser: TreeSitter;
  /** Those of the class that was typed last. */
  #kept: ReadonlyMap<string, ParsedText> = new Map();

  constructor(parser: TreeSitter) {
    this.#parser = parser;
  }

  /**
   * @param isTyped whether it will soon be asked for again with some other letter in it
   * @returns null where this is no large class, or is none that can be read in pieces
   */
  parse(block: string, isTyped: boolean): ParsedText | null {
    const starts = classPieces(block);
    if (starts === null) return null;
    const parsed = new Map<string, ParsedText>();
    const pieces = starts.map((start, index) => {
      const text = block.slice(start, starts[index + 1] ?? block.length);
      const known = parsed.get(text) ?? this.#kept.get(text) ?? parseMended(this.#parser, text);
      parsed.set(text, known);
      return { start, tree: known.tree, hasErrors: known.hasErrors };
    });
    if (isTyped) this.#kept = parsed;
    const tree = joinClass(block, pieces);
    return tree === null ? null : { tree, hasErrors: pieces.some(({ hasErrors }) => hasErrors) };
  }
}
