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
  for (const load of loads) {
    const { tables } = facts.statement(load.row);
    const write = writesBetween(facts, load).find((each) =>
      writtenBy(facts, each).some((name) => tables.includes(name)),
    );
    const table = write === undefined ? undefined : writtenBy(facts, write).find((name) => tables.includes(name));
    if (write === undefined || table === undefined || found.has(table)) continue;
    const isSure = load.row.scopeId === load.root.scopeId;
    const when = isSure ? "in between" : "and may do so in between";
    found.set(table, `${scopeWords(facts.scope(write.scopeId))} writes to ${table} ${when}`);
  }
  return [...found.values()];
}

/** The loop that loads them writes such rows itself: each turn reads what an earlier one wrote. */
export function writesInTheLoop(facts: TraceFacts, loads: readonly Load[]): boolean {
  return loads.some(({ row }) => {
    const { tables } = facts.statement(row);
    const between = facts.writesIn(row.scopeId).filter((write) => write.last > row.first && write.first < row.last);
    return between.some((write) => writtenBy(facts, write).some((name) => tables.includes(name)));
  });
}

/** Executions are ordered within a scope only: where rows are handed from a test to a request, what either wrote meanwhile may lie between. */
function writesBetween(facts: TraceFacts, { row, root }: Load): readonly QueryRow[] {
  const behind = facts.writesIn(root.scopeId).filter((write) => write.last > root.first);
  if (row.scopeId === root.scopeId) return behind.filter((write) => write.first < row.last);
  return [...behind, ...facts.writesIn(row.scopeId).filter((write) => write.first < row.last)];
}

function writtenBy(facts: TraceFacts, write: QueryRow): readonly string[] {
  return facts.statement(write).tables;
}
