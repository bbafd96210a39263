import type { QueryRow } from "../trace/model.ts";
import type { Load } from "./evidence.ts";
import type { TraceFacts } from "./traceFacts.ts";
import { scopeWords } from "./words.ts";

/**
 * Rows that were written after their queryset ran and before they were loaded one by one: loaded along with it they would be out of date.
 * Each once, in words: `POST /orders/ writes to shop_customer in between`; empty where no recording shows such a thing.
 */
export function interveningWrites(facts: TraceFacts, loads: readonly Load[]): readonly string[] {
  const found = new Map<string, string>();
  for (const { row, root } of loads) {
    if (row.scopeId !== root.scopeId) continue;
    const table = facts
      .statement(row)
      .tables.find((name) =>
        facts
          .writesIn(row.scopeId)
          .some((write) => isBetween(write, root, row) && facts.statement(write).tables.includes(name)),
      );
    if (table === undefined || found.has(table)) continue;
    found.set(table, `${scopeWords(facts.scope(row.scopeId))} writes to ${table} in between`);
  }
  return [...found.values()];
}

/** Executions are ordered within a scope only. */
function isBetween(write: QueryRow, root: QueryRow, load: QueryRow): boolean {
  return write.last > root.first && write.first < load.last;
}
