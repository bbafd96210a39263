import { expect, test } from "vitest";
import { StoreReader } from "./reader.ts";
import type { Database } from "./sqlite.ts";
import { MemoryRuns, openMemoryTrace } from "./testing.ts";

/** How SQLite gets at what each of a reader's methods asks for. */
function plansOf(database: Database, ask: (reader: StoreReader) => unknown): string {
  const asked: string[] = [];
  const watched: Database = {
    ...database,
    prepare: (sql) => {
      asked.push(sql);
      return database.prepare(sql);
    },
  };
  ask(new StoreReader(watched, true));
  return asked
    .flatMap((sql) => {
      const values = (sql.match(/\?/g) ?? []).map(() => "[]");
      return database.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    })
    .map(({ detail }) => detail)
    .join("\n");
}

test.each<[string, (reader: StoreReader) => unknown]>([
  ["costThrough", (reader) => reader.costThrough([1])],
  ["rowsThrough", (reader) => reader.rowsThrough([1])],
  ["costOwn", (reader) => reader.costOwn([1], new Set())],
  ["rowsBuiltAt", (reader) => reader.rowsBuiltAt([1])],
  ["scopesThrough", (reader) => reader.scopesThrough([1])],
  ["rowsOfScope", (reader) => reader.rowsOfScope(1)],
  ["row", (reader) => reader.row(1)],
  ["scopesOfRun", (reader) => reader.scopesOfRun("a")],
  ["order", (reader) => reader.order(1)],
  ["sitesIn", (reader) => reader.sitesIn("a.py")],
])("%s looks at no more rows, scopes and stacks than it answers", (_, ask) => {
  const { database } = openMemoryTrace(new MemoryRuns());
  const plans = plansOf(database, ask);
  expect(plans).toMatch(/SEARCH/);
  expect(plans).not.toMatch(/SCAN (query_row|query|scope|recording|subject|stack)\b/);
});
