import type { EagerLookup } from "../insights/finding.ts";
import { selects } from "../insights/selected.ts";
import type { TraceFacts } from "../insights/traceFacts.ts";
import type { QueryRow } from "../trace/model.ts";

/**
 * What the recorded SQL of the queryset's own queries says against a lookup, where the chain does not show it: it may be hidden in a
 * manager's method, or done to the queryset later. Null where nothing does.
 */
export function recordedObstacle(
  facts: TraceFacts,
  roots: readonly QueryRow[],
  lookups: readonly EagerLookup[],
): string | null {
  for (const root of roots) {
    const { sql } = facts.statement(root);
    const reason = sqlObstacle(sql, lookups) ?? iteratorObstacle(root, lookups) ?? missingColumn(facts, root, lookups);
    if (reason !== null) return reason;
  }
  return null;
}

function sqlObstacle(sql: string, lookups: readonly EagerLookup[]): string | null {
  if (/\b(UNION|INTERSECT|EXCEPT)\b/.test(sql)) {
    return "The queryset ends up in a union: add the lookup to each part of it by hand, with the same columns.";
  }
  if (!lookups.some(({ how }) => how === "select_related")) return null;
  if (/\bFOR (NO KEY )?UPDATE\b(?! OF)/.test(sql)) {
    return 'The rows are locked (select_for_update): a join would lock the joined rows too. Use of=("self",) there first.';
  }
  return /\bDISTINCT ON\b/.test(sql)
    ? "The rows are distinct on certain columns: whether a join keeps the same rows cannot be told."
    : null;
}

function iteratorObstacle({ cause }: QueryRow, lookups: readonly EagerLookup[]): string | null {
  const isPrefetch = lookups.some(({ how }) => how === "prefetch_related");
  return isPrefetch && cause.api === "iterator"
    ? "The rows are read by iterator(), which takes a prefetch only with a chunk_size: see that it has one, then add the prefetch by hand."
    : null;
}

/** `only()` and `defer()` show in the columns of the SELECT: a relation whose column is left out cannot be joined (FieldError). */
function missingColumn(facts: TraceFacts, root: QueryRow, lookups: readonly EagerLookup[]): string | null {
  const model = root.cause.target ?? root.cause.model;
  if (model === null || facts.instances(root) === null) return null;
  for (const { path } of lookups) {
    const column = facts.schema.hop(model, path.split("__", 1)[0] ?? "")?.column ?? null;
    if (column !== null && !selects(facts.statement(root).sql, column)) {
      return `The rows are loaded without their column ${column} (only() or defer()): include it first.`;
    }
  }
  return null;
}
