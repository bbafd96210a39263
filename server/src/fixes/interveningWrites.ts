import type { Load } from "../insights/evidence.ts";
import { scopeWords } from "../insights/words.ts";
import type { QueryRow, TraceReader, Verb } from "../trace/model.ts";

const writes: ReadonlySet<Verb> = new Set(["insert", "update", "delete"]);

/**
 * Rows that were written after their queryset ran and before they were loaded one by one: loaded along with it they would be out of date.
 * In words for the user; empty where no recording shows such a thing.
 */
export function interveningWrites(reader: TraceReader, loads: readonly Load[]): readonly string[] {
  const found = new Map<string, string>();
  for (const { row, root } of loads) {
    if (row.scopeId !== root.scopeId) continue;
    const { tables } = reader.statement(row.statementId);
    const table = tables.find((name) => isWritten(reader, name, root, row));
    if (table === undefined || found.has(table)) continue;
    const where = scopeWords(reader.scope(row.scopeId));
    found.set(table, `${where} writes to ${table} before it loads from there, and would go on with the older rows`);
  }
  return [...found.values()];
}

/** Executions are ordered within a scope only. */
function isWritten(reader: TraceReader, table: string, root: QueryRow, load: QueryRow): boolean {
  return reader.rowsOfScope(load.scopeId).some((row) => {
    if (row.first >= load.last || row.last <= root.first) return false;
    const { verb, tables } = reader.statement(row.statementId);
    return writes.has(verb) && tables.includes(table);
  });
}
