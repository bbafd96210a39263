import type { QueryRow } from "../trace/model.ts";

/** What a fix changes in the recorded executions. */
export interface Effect {
  /** The rows that it is about: assertions on the number of queries are looked for on their stacks. */
  readonly rows: readonly QueryRow[];
  /**
   * By a row's id, over all its executions: how many fall away (below 0) or come along with it (above 0); null where the recording does
   * not tell how many.
   */
  readonly change: ReadonlyMap<number, number | null>;
}

/** Of several changes together. */
export function combined(effects: readonly Effect[]): Effect {
  const change = new Map<number, number | null>();
  for (const [id, more] of effects.flatMap((effect) => [...effect.change])) {
    const before = change.get(id) ?? (change.has(id) ? null : 0);
    change.set(id, before === null || more === null ? null : before + more);
  }
  return { rows: effects.flatMap(({ rows }) => rows), change };
}
