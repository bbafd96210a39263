import type { QueryRow } from "../trace/model.ts";
import type { TraceFacts } from "./traceFacts.ts";

/**
 * The query for whose rows a prefetch was asked with its whole lookup: outward through the prefetches of the lookup's first parts. What was joined,
 * or loaded before, has no query of its own on the way.
 */
export function prefetchRoot(facts: TraceFacts, row: QueryRow): QueryRow | undefined {
  const { path } = row.cause;
  if (path === null) return undefined;
  return facts
    .parents(row)
    .slice(0, path.split("__").length)
    .find(({ cause }) => cause.kind !== "prefetch" || cause.path === null || !path.startsWith(`${cause.path}__`));
}
