import type { EagerLookup } from "../insights/finding.ts";
import { quoted } from "../python/chainEdits.ts";
import type { PythonFile } from "../python/pythonFile.ts";

/** `customer, items` */
export function pathsOf(lookups: readonly EagerLookup[]): string {
  return [...new Set(lookups.map(({ path }) => path))].join(", ");
}

/** `select_related("customer", "site") and prefetch_related("items")` */
export function eagerCalls(lookups: readonly EagerLookup[]): string {
  return [...Map.groupBy(lookups, ({ how }) => how)]
    .map(([how, group]) => `${how}(${group.map(({ path }) => `"${path}"`).join(", ")})`)
    .join(" and ");
}

/** `.select_related("customer", "site").prefetch_related("items")`, with the file's quotes. */
export function eagerChain(file: PythonFile, lookups: readonly EagerLookup[]): string {
  return [...Map.groupBy(lookups, ({ how }) => how)]
    .map(([how, group]) => `.${how}(${group.map(({ path }) => quoted(file, path)).join(", ")})`)
    .join("");
}
