import type { Token } from "./tokens.ts";

/** What has begun within one bracket, or outside of all. */
interface Begun {
  /** `lambda` without its colon. */
  lambdas: number;
  /** `a if b` without its `else`. */
  conditions: number;
  /** What is behind a comprehension's `for` is a filter, and has no `else`. */
  isComprehension: boolean;
}

/** Conditional expressions and lambdas of one logical line of which the second half is not written yet: the grammar's own recovery takes lines behind them for it. */
export class UnfinishedExpressions {
  readonly #begun: Begun[] = [];
  #depth = 0;

  /**
   * @param depth behind the token
   * @param isFirst of its line: a statement, or a clause of one
   */
  take({ kind, text }: Token, depth: number, isFirst: boolean): void {
    // What is closed is over; what is opened begins anew.
    if (depth !== this.#depth) this.#begun.length = Math.min(this.#begun.length, Math.min(depth, this.#depth) + 1);
    this.#depth = depth;
    if (kind === "word" && (text === "lambda" || !isFirst)) this.#takeWord(text, depth);
    else if (kind === "operator") this.#takeOperator(text, depth);
  }

  /** What finishes those that have begun at that depth; "" where there are none. */
  lacking(depth: number): string {
    const { lambdas, conditions } = this.#at(depth);
    return ": _".repeat(lambdas) + " else _".repeat(conditions);
  }

  #takeWord(text: string, depth: number): void {
    const begun = this.#at(depth);
    if (text === "lambda") begun.lambdas++;
    else if (text === "for" && depth > 0) begun.isComprehension = true;
    else if (text === "if" && !begun.isComprehension) begun.conditions++;
    else if (text === "else" && begun.conditions > 0) begun.conditions--;
  }

  #takeOperator(text: string, depth: number): void {
    const begun = this.#at(depth);
    if (text === ":" && begun.lambdas > 0) begun.lambdas--;
    else if (text === ":" || text === ";" || (text === "," && begun.lambdas === 0)) begun.conditions = 0;
  }

  #at(depth: number): Begun {
    let begun = this.#begun[depth];
    if (begun === undefined) {
      begun = { lambdas: 0, conditions: 0, isComprehension: false };
      this.#begun[depth] = begun;
    }
    return begun;
  }
}
