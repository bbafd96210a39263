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
  const writesOf = remembered((scopeId: number) => writesIn(reader, scopeId));
  for (const { row, root } of loads) {
    if (row.scopeId !== root.scopeId) continue;
    const { tables } = reader.statement(row.statementId);
    const table = tables.find((name) =>
      writesOf(row.scopeId).some((write) => write.tables.includes(name) && isBetween(write.row, root, row)),
    );
    if (table === undefined || found.has(table)) continue;
    const where = scopeWords(reader.scope(row.scopeId));
    found.set(table, `${where} writes to ${table} before it loads from there, and would go on with the older rows`);
  }
  return [...found.values()];
}

interface Write {
  readonly row: QueryRow;
  readonly tables: readonly string[];
}

function writesIn(reader: TraceReader, scopeId: number): readonly Write[] {
  return reader.rowsOfScope(scopeId).flatMap((row) => {
    const { verb, tables } = reader.statement(row.statementId);
    return writes.has(verb) ? [{ row, tables }] : [];
  });
}

/** Executions are ordered within a scope only. */
function isBetween(write: QueryRow, root: QueryRow, load: QueryRow): boolean {
  return write.last > root.first && write.first < load.last;
}

function remembered<K, V>(find: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = find(key);
      known.set(key, value);
    }
    return value;
  };
}
