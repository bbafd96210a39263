import type { Load } from "./evidence.ts";
import type { TraceFacts } from "./traceFacts.ts";

/**
 * A place that goes from each row to the next by one relation, over and over: up a tree's parents, down its children. How deep that goes is up to
 * the rows, and no lookup says "all the way".
 */
export class Recursion {
  /** Queries whose rows were asked for the same relation at the same place again. */
  readonly #followed = new Set<number>();
  readonly #facts: TraceFacts;

  constructor(facts: TraceFacts, loads: readonly Load[]) {
    this.#facts = facts;
    for (const load of loads) {
      const last = load.chain.at(-2);
      if (last !== undefined && this.repeats(load)) this.#followed.add(last.id);
    }
  }

  /** It asks of the row that the same place got a turn before. */
  repeats({ chain, row, at }: Load): boolean {
    const last = chain.at(-2);
    // A template's tag, or a line without columns, may ask for two in a row: `{{ person.mentor.mentor }}`.
    if (last === undefined || at === null || at.kind !== "python" || at.column === null) return false;
    const isSame = last.cause.kind === row.cause.kind && last.cause.field === row.cause.field;
    return isSame && row.cause.field !== null && this.#facts.stack(last).at(-1)?.id === at.id;
  }

  /** What was loaded goes on in the same way. */
  goesOn(loads: readonly Load[]): boolean {
    return loads.some(({ row }) => this.#followed.has(row.id));
  }
}
