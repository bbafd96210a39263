import type { Change } from "./repairedText.ts";
import type { Token } from "./tokens.ts";

const owners: ReadonlySet<string> = new Set(["def", "class", "type"]);

/**
 * Finds the defaults of type parameters (PEP 696, Python 3.13: `class Box[T: int = bool, *Ts = *tuple[int]]`), which tree-sitter-python 0.25 does not
 * know, and writes them as what it does know: a bound, or another alternative of the bound that is there. Of the same length.
 */
export class TypeParameterDefaults {
  #isWithin = false;
  #isBound = false;

  /**
   * @param words the first tokens of the logical line so far, as LogicalLine has them
   * @param depth the number of brackets around what follows the token
   */
  take({ kind, text, start, end }: Token, words: readonly string[], depth: number): readonly Change[] {
    if (kind === "open" && text === "[" && depth === 1) {
      const [keyword = "", name = "", bracket] = words[0] === "async" ? words.slice(1) : words;
      this.#isWithin = owners.has(keyword) && /^[^[({]/.test(name) && bracket === "[";
      this.#isBound = false;
    } else if (depth === 0) this.#isWithin = false;
    if (!this.#isWithin || depth !== 1 || kind !== "operator") return [];
    if (text === ",") this.#isBound = false;
    if (text === ":") this.#isBound = true;
    if (text !== "=") return [];
    const change = { start, end, text: this.#isBound ? "|" : ":" };
    this.#isBound = true;
    return [change];
  }
}
